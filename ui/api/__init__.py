"""The API endpoints and the MCP server."""
