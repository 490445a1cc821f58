"""Who may ask the server, and what its answers allow: checked as an ASGI app is called, with a browser's headers."""

import asyncio

import pytest

from dictation.review.own_page import POLICY, OwnPageOnly

HERE = "127.0.0.1:7860"


async def page(scope, receive, send) -> None:
    """An app that answers everything."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    headers = [(b"content-type", scope["path"][1:].encode()), (b"referrer-policy", b"same-origin")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"here"})


def ask(
    kind: str = "http", method: str = "GET", path: str = "/text/html", public_url: str = "", app=page, **headers: str
) -> list[dict]:
    """What is sent to a client that asks with these headers (Host is ours unless said)."""
    named = {"host": HERE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    given = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
    scope = {"type": kind, "path": path, "client": ("127.0.0.1", 5), "headers": given}
    if kind == "http":
        scope["method"] = method
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    asyncio.run(OwnPageOnly(app, public_url)(scope, None, send))
    return sent


@pytest.mark.parametrize("host", [HERE, "localhost:9000", "127.0.0.1", "LOCALHOST", "127.0.0.1:80"])
def test_the_page_itself_may_ask_read_write_and_connect(host):
    own = f"http://{host.lower().removesuffix(':80')}"  # a browser leaves the port of its scheme out
    assert ask(host=host)[0]["status"] == 200
    assert ask(host=host, method="POST", origin=own, sec_fetch_site="same-origin")[0]["status"] == 200
    assert ask("websocket", host=host, origin=own) == [{"type": "websocket.accept"}]


NO_HOST_OF_OURS = (
    "evil.example", "127.0.0.1.evil.example", "192.168.1.7:7860", "0.0.0.0", "", "[::1", "[::1]", "[::1]:7860", "::1",
    f"{HERE}.evil.example", "localhost:9000.evil.example", "localhost.evil.example", "localhost.", "127.0.0.1.:7860",
    "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:78x", f"{HERE}:80", "127.0.0.1:７８",
    "evil.example@127.0.0.1", "a:b@127.0.0.1:7860", "127.0.0.1/evil.example", "127.0.0.1?evil", "127.0.0.1#evil",
    "127.0.0.1\\evil", "127.0.0.1 evil.example", " 127.0.0.1", "127.0.0.1\n", "127.0.\t0.1", f"{HERE}, evil.example",
    "[127.0.0.1]:7860", "127.1", "2130706433", "0x7f.0.0.1", f"{HERE}; script-src *",
)  # fmt: skip


@pytest.mark.parametrize("host", NO_HOST_OF_OURS)
def test_another_host_name_is_refused(host):
    host = host.encode().decode("latin-1")
    assert ask(host=host)[0]["status"] == 403
    assert ask("websocket", host=host) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:8000", "https://127.0.0.1:7860", f"http://{HERE}.evil.example"],
)
def test_another_origin_neither_writes_nor_connects(origin):
    assert ask(method="POST", origin=origin)[0]["status"] == 403
    assert ask(method="DELETE", origin=origin)[0]["status"] == 403
    assert ask("websocket", origin=origin) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_link_to_the_page_but_not_put_it_or_its_pictures_into_itself(site):
    def asked(mode: str, dest: str) -> int:
        return ask(sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest)[0]["status"]

    assert asked("navigate", "document") == 200
    for mode, dest in (("no-cors", "image"), ("no-cors", "audio"), ("cors", "empty"), ("no-cors", "script")):
        assert asked(mode, dest) == 403
    assert asked("navigate", "iframe") == 403


def headers(**asked: str) -> dict[bytes, bytes]:
    return dict(ask(**asked)[0]["headers"])


def test_an_answer_stays_in_its_page():
    said = headers()
    assert said[b"x-content-type-options"] == b"nosniff"
    assert said[b"x-frame-options"] == b"DENY"
    assert said[b"cross-origin-resource-policy"] == b"same-origin"
    assert b"microphone=(self)" in said[b"permissions-policy"] and b"hid=(self)" in said[b"permissions-policy"]
    assert said[b"referrer-policy"] == b"same-origin", "what the app says itself is kept"
    assert dict(ask(host="elsewhere")[0]["headers"])[b"x-content-type-options"] == b"nosniff"


def test_the_policy_names_no_host_but_our_own():
    said = headers()[b"content-security-policy"].decode()
    assert f"ws://{HERE}" in said
    for rule in said.split("; "):
        for source in rule.split()[1:]:
            assert source.startswith("'") or source in ("data:", "blob:", f"ws://{HERE}"), source
    assert "frame-ancestors 'none'" in said and "object-src 'none'" in said and "default-src 'self'" in said
    assert "*" not in POLICY


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("application/json", False), ("text/html; charset=utf-8", False), ("audio/wav", False), ("text/javascript", True)],
)
def test_what_may_be_of_a_patient_is_not_left_on_the_browsers_disk(kind, kept):
    assert (headers(path=f"/{kind}").get(b"cache-control") == b"no-store") is not kept


PUBLIC = "https://reports.example/dictation/"


def behind_proxy(kind: str = "http", host: str = "reports.example", **asked: str) -> list[dict]:
    return ask(kind, host=host, public_url=PUBLIC, **asked)


def test_the_public_address_is_the_pages_own_too():
    assert behind_proxy()[0]["status"] == 200
    assert behind_proxy(method="POST", origin="https://reports.example")[0]["status"] == 200
    assert behind_proxy("websocket", origin="https://reports.example") == [{"type": "websocket.accept"}]
    assert behind_proxy(host=HERE, method="POST", origin=f"http://{HERE}")[0]["status"] == 200, "and this machine's"
    policy = dict(behind_proxy()[0]["headers"])[b"content-security-policy"].decode()
    assert "wss://reports.example" in policy and "ws://" not in policy


def public(url: str, host: str) -> int:
    return ask(host=host, public_url=url)[0]["status"]


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        (PUBLIC, ("reports.example", "REPORTS.example", "reports.example:443")),
        ("http://reports.example/", ("reports.example", "reports.example:80")),
        ("https://reports.example:8443/", ("reports.example:8443", "reports.example")),  # a proxy left the port out
        ("https://[2001:db8::1]:8443/", ("[2001:db8::1]:8443", "[2001:DB8::1]")),
        ("https://[2001:db8::1]/", ("[2001:db8::1]:443",)),
    ],
)
def test_the_public_host_and_its_port_and_nothing_like_them(url, hosts):
    assert [public(url, host) for host in hosts] == [200] * len(hosts)
    for host in hosts:
        for other in (f"{host}.evil.example", f"{host}.", f"{host}:80:80", f"evil@{host}", f"{host}/x", f"evil.{host}"):
            assert public(url, other) == 403, other
        assert public(url, f"{host.rpartition(':')[0] if host[-1].isdigit() else host}:9999") == 403


@pytest.mark.parametrize("origin", ["http://reports.example", "https://reports.example:8443", "https://evil.example"])
def test_another_origin_than_the_public_one_neither_writes_nor_connects(origin):
    assert behind_proxy(method="POST", origin=origin)[0]["status"] == 403
    assert behind_proxy("websocket", origin=origin) == [{"type": "websocket.close", "code": 1008}]
    assert behind_proxy(host=HERE, method="POST", origin="https://reports.example")[0]["status"] == 403
    assert behind_proxy(host="evil.example")[0]["status"] == 403


def seen(path: str = "/desk", **headers: str) -> dict:
    """The request as the app gets it."""
    scopes = []

    async def app(scope, receive, send):
        scopes.append(scope)
        await page(scope, receive, send)

    behind_proxy(path=path, app=app, **headers)
    return scopes[0]


@pytest.mark.parametrize("path", ["/desk", "/dictation/desk"])
def test_a_proxy_may_take_the_sub_path_off_or_leave_it(path):
    assert seen(path)["path"] == "/desk"
    assert (b"x-gradio-server", PUBLIC.encode()) in seen(path)["headers"]


def test_what_a_proxy_says_of_addresses_is_not_believed_here():
    """The proxies that are listed were listened to before; nobody else says where they are or what our address is."""
    asked = seen(x_forwarded_for="203.0.113.9, 192.0.2.7", x_forwarded_host="evil.example", x_gradio_server="http://e")
    direct = seen(host=HERE, x_forwarded_for="192.0.2.7", x_gradio_server="http://evil.example")
    assert asked["client"] == direct["client"] == ("127.0.0.1", 5)
    assert not any(b"evil" in value for _, value in (*asked["headers"], *direct["headers"]))
