"""Providers: messages in, one reply out. A provider knows its vendor's wire and no family's way of speaking."""
