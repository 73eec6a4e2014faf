"""The web edge: the editors' review app, the subscription pages and the published site."""
