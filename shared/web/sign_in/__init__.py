"""Signing in with the browser: OIDC at the issuer, then a cookie that every service reads by itself."""
