"""From a question to ranked papers: understanding, fusion, evidence, strength, summary."""
