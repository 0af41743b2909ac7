"""Answers of WebDAV servers as plain values, and those that are none."""

import tracemalloc
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.rules import multistatus
from calendars.rules.multistatus import CALDAV, DAV

ANSWER = b"""<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:response><D:href> /ada/work/ </D:href>
<D:propstat><D:prop><D:displayname>W&#228;rk</D:displayname><D:resourcetype><D:collection/><C:calendar/></D:resourcetype>
<D:current-user-privilege-set><D:privilege><D:read/></D:privilege><D:privilege><D:write/></D:privilege></D:current-user-privilege-set>
</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><D:sync-token/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
<D:response><D:href>/ada/gone.ics</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>
</D:multistatus>"""


def test_an_answer_is_read():
    work, gone = multistatus.members(ANSWER)
    assert (work.href, work.status, work.text(f"{DAV}displayname")) == ("/ada/work/", 0, "Wärk")
    assert work.kinds() == {f"{DAV}collection", f"{CALDAV}calendar"}
    assert work.privileges() == {f"{DAV}read", f"{DAV}write"}
    # What is not there is left out, though it is named.
    assert f"{DAV}sync-token" not in work.properties
    assert (gone.href, gone.status, gone.privileges(), gone.kinds()) == ("/ada/gone.ics", 404, None, set())


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no", b"<html/>", b"<multistatus/>", ANSWER[:-20], b"\xff\xfe<\0", b'<?xml version="1.0" encoding="x-none"?><a/>',
        b'<!DOCTYPE m [<!ENTITY a "b">]><D:multistatus xmlns:D="DAV:">&a;</D:multistatus>',
        b'<!DOCTYPE multistatus SYSTEM "http://127.0.0.1/"><D:multistatus xmlns:D="DAV:"/>',
        b'<!DOCTYPE m [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><D:multistatus xmlns:D="DAV:"/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE m [<!ENTITY a "b">]><D:multistatus xmlns:D="DAV:"/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="cp037"?>' + '<!DOCTYPE m [<!ENTITY a "b">]><m/>'.encode("cp037"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_none(content):
    """Break: read it with the parser of the standard library, and a document type is none of its business."""
    with pytest.raises(ValueError, match="no "):
        multistatus.members(content)
    assert multistatus.conditions(content) == set()


def test_a_bomb_does_not_go_off():
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE m [<!ENTITY a0 "boom">{levels}]><D:multistatus xmlns:D="DAV:">&a9;</D:multistatus>'
    tracemalloc.start()
    with pytest.raises(ValueError, match="no "):
        multistatus.members(bomb.encode())
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_depth_is_no_bomb():
    deep = b'<D:multistatus xmlns:D="DAV:">' + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</D:multistatus>"
    assert multistatus.members(deep) == []


@given(st.binary(max_size=300), st.integers(0, len(ANSWER)))
def test_damage_is_read_or_refused(junk, at):
    for content in (junk, ANSWER[:at] + junk + ANSWER[at:]):
        try:
            multistatus.members(content)
        except ValueError:
            continue


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=40))
def test_no_text_breaks_out_of_a_question(text):
    root = ElementTree.fromstring(multistatus.these([text, text]))
    assert [(one.text or "") for one in root.iter(f"{DAV}href")] == [text, text]
    root = ElementTree.fromstring(multistatus.with_uid(text))
    assert [(one.text or "") for one in root.iter(f"{CALDAV}text-match")] == [text]
