"""A server that speaks as each family of models does, and is told what to say.

A test tool, written apart from `agent.codecs`, `agent.frame` and `agent.native`, and importing none of them: so an
error would have to be made twice to go unseen. What each family says comes from its public documentation and parsers.
"""
