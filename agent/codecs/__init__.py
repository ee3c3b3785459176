"""Families: how a model that was trained to act is asked, and what its answers mean. Pure, without a network."""
