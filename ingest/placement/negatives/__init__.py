"""Papers of other fields, which placement is trained on as negatives."""
