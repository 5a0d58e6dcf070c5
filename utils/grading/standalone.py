"""A page of HTML that stands alone: it loads nothing and runs nothing, whatever came to stand in it."""

import base64
import hashlib
from html import escape


def standalone(title: str, style: str, body_html: str) -> str:
    """The whole page. The browser holds to it too: its policy allows this style and pictures inside the page alone."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<main>
{body_html}</main>
</body>
</html>
"""
