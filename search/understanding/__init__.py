"""Understanding a question: what it asks for beside its subject."""
