"""What a browser sends, as fields in order."""

from __future__ import annotations

import pytest

from envs.server.sites import Sites, form_fields
from envs.server.trouble import Trouble
from envs.types import Site


def test_a_plain_form_keeps_order_blanks_and_repeats() -> None:
    body = b"name=J%C3%BCrgen+K.&note=&tag=a&tag=b%26c"
    assert form_fields("application/x-www-form-urlencoded", body) == (
        ("name", "Jürgen K."), ("note", ""), ("tag", "a"), ("tag", "b&c"),
    )  # fmt: skip


def test_a_form_with_a_file_tells_the_files_name() -> None:
    body = (
        '--X\r\nContent-Disposition: form-data; name="note"\r\n\r\n naïve\r\n'
        '--X\r\nContent-Disposition: form-data; name="photo"; filename="a b.png"\r\n'
        "Content-Type: image/png\r\n\r\n\x89PNG\r\n--X--\r\n"
    ).encode()
    assert form_fields("multipart/form-data; boundary=X", body) == (("note", " naïve"), ("photo", "a b.png"))


def test_text_that_is_no_form_is_one_nameless_field() -> None:
    assert form_fields("application/json", b'{"a": 1}') == (("", '{"a": 1}'),)


def test_what_is_no_host_name_is_the_scenes_fault() -> None:
    with pytest.raises(Trouble, match="no host name") as caught:
        Sites().serve(Site(host="a b\n0.0.0.0 evil", pages={}))
    assert caught.value.kind == "scene"


def test_posts_of_a_host_that_is_not_served_are_missing() -> None:
    with pytest.raises(Trouble) as caught:
        Sites().posts("nobody.localhost")
    assert caught.value.kind == "missing"
