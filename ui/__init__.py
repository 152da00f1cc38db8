"""Faces: the `lfm` command and the Gradio app; no logic lives here."""
