"""The listeners: small aiohttp applications that parse a request, call one service and answer."""
