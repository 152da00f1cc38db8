"""The web server and the Gradio app."""
