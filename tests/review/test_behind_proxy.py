"""Behind a reverse proxy: who is believed, under which path the app answers, and where it must not be served."""

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dictation.errors import MissingError, UsageError
from dictation.records.users import Users
from dictation.review import Engines
from dictation.review.app import launch
from dictation.review.place import Place, microphone_fault
from dictation.review.signed_in import SIGN_IN_AGAIN
from dictation.settings import Settings
from pipelines import serve as serving
from pipelines.doctor import examine
from tests.review.department import PAGE, PASSWORD, Visitor, department
from tests.review.wire_page import WAIT_S

NAMED = "X-Remote-User"


@pytest.fixture(scope="module")
def unsigned(small_ear, settings, tmp_path_factory):
    """A server that nobody signs in to."""
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("unsigned") / "home"})
    with department(small_ear, own, sign_in="none") as served:
        yield served


@pytest.fixture(scope="module")
def signed(small_ear, settings, tmp_path_factory):
    """A server that users sign in to."""
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("signed") / "home"})
    with department(small_ear, own) as served:
        yield served


def is_refused(served, paths: tuple[str, ...] = ("/", "/worklist"), **headers: str) -> None:
    """A request that another machine sent through a proxy is answered with what to do about it."""
    elsewhere = Visitor(served, **headers)
    for path in paths:
        answer = elsewhere.get(path)
        assert answer.status_code == 403 and "DICTATION_SIGN_IN" in answer.text
    with pytest.raises(InvalidStatus, match="403"):
        elsewhere.close_code(user="")


def test_a_listed_proxy_says_who_it_is(small_ear, own):
    with department(small_ear, own, sign_in="proxy", proxies="127.0.0.0/8") as served:
        bob = Visitor(served, **{NAMED: "bob"})
        assert bob.get("/who").json()["user"] == "bob"
        assert Visitor(served).get("/", **PAGE).status_code == 303
        for nobody in ("zoe", "../bob", "", "a" * 500):
            assert Visitor(served, **{NAMED: nobody}).get("/who").status_code == 401
        twice = [*bob.http.headers.items(), (NAMED, "ann")]
        assert bob.http.build_request("GET", bob.url, headers=twice) is not None
        assert bob.http.get(f"{bob.url}/who", headers=[(NAMED, "bob"), (NAMED, "ann")]).status_code == 400
        assert bob.http.get(f"{bob.url}/who", headers={NAMED: b"bob\xa0"}).status_code == 401, "another user there"


def test_a_listed_proxy_says_of_a_socket_who_it_is_and_that_holds_while_they_are_known(small_ear, own):
    with department(small_ear, own, sign_in="proxy", proxies="127.0.0.1") as served:
        records = served.cases.desk.records
        bob, eve, nobody = (Visitor(served, **headers) for headers in ({NAMED: "bob"}, {NAMED: "eve"}, {}))
        assert bob.close_code(user="bob") == 0 and bob.close_code(user="eve") == SIGN_IN_AGAIN
        for visitor, more in (
            (nobody, []),
            (nobody, [(NAMED, "zoe")]),
            (nobody, [(NAMED, "")]),
            (bob, [(NAMED, "ann")]),
        ):
            assert visitor.close_code(more=more) == SIGN_IN_AGAIN
        assert nobody.close_code(cookie=f"{NAMED}=bob; dictation_session=bob") == SIGN_IN_AGAIN
        with bob.page() as page, eve.page() as other:
            case = page.new()
            assert page.type("Clear.")["ok"] and records.owned(case).owner == "bob"
            assert not other.ask("open", id=case, case=None)["ok"]
            Users(records).set_role("bob", "reader", "test")
            page.until(lambda: SIGN_IN_AGAIN in page.codes and page.connections >= 2)
            assert not page.ask("type", version=0, start=0, stop=0, text="x")["ok"], "it is the reader's page by now"
            Users(records).disable("bob", "test")
            page.until(lambda: page.codes.count(SIGN_IN_AGAIN) >= 2)
            assert other.codes == []


def test_nobody_else_says_who_it_is(small_ear, own):
    with department(small_ear, own, sign_in="proxy", proxies="192.0.2.7,198.51.100.0/24") as served:
        bob = Visitor(served, **{NAMED: "bob"})
        for path in ("/who", "/worklist", "/"):
            assert bob.get(path, **PAGE).status_code == 400
        assert bob.close_code() == SIGN_IN_AGAIN
        spoofed = Visitor(served, **{NAMED: "bob", "x-forwarded-for": "192.0.2.7"})
        assert spoofed.get("/who").status_code == 400 and spoofed.close_code() == SIGN_IN_AGAIN


@pytest.mark.parametrize(
    ("listed", "is_believed"), [("127.0.0.1", True), ("127.0.3.4/8", True), ("192.0.2.7", False), ("", False)]
)
def test_where_somebody_is_says_a_listed_proxy_alone_also_one_of_this_machine(small_ear, own, listed, is_believed):
    public = "https://reports.example/room"
    with department(small_ear, own, public_url=public, proxies=listed) as served:
        visitor = Visitor(served, f"http://127.0.0.1:{served._port}", **{"x-forwarded-for": "192.0.2.66, 192.0.2.1"})
        visitor.http.headers.update({"host": "reports.example", "origin": "https://reports.example"})
        visitor.signs_in("ann")
        assert visitor.tries("ann", "guess").status_code == 401
        said = {entry.detail.get("address") for entry in served.cases.desk.records.audit()} - {None, ""}
        assert said == {"192.0.2.1" if is_believed else "127.0.0.1"}


@pytest.mark.parametrize("sign_in", ["proxy", "password"])
def test_an_identity_that_is_refused_is_counted_as_a_sign_in_that_failed(small_ear, own, sign_in):
    def failed(served, **headers: str) -> float:
        before = served.cases.desk.counts.count("sign_ins_failed")
        assert Visitor(served, **headers).get("/who").status_code in (400, 401)
        return served.cases.desk.counts.count("sign_ins_failed") - before

    with department(small_ear, own, sign_in=sign_in, proxies="127.0.0.1") as served:
        Users(served.cases.desk.records).disable("eve", "test")
        is_proxy = sign_in == "proxy"
        for name in ("eve", "zoe", "../bob"):
            assert failed(served, **{NAMED: name}) == (1 if is_proxy else 0)
        assert failed(served) == failed(served, **{NAMED: ""}) == 0, "who has not signed in yet"
    with department(small_ear, own, sign_in=sign_in, proxies="192.0.2.7") as served:
        assert failed(served, **{NAMED: "bob"}) == (1 if is_proxy else 0), "another than the proxy says so"


def test_a_proxy_may_bring_somebody_new_where_a_setting_says_so(small_ear, own):
    with department(small_ear, own, sign_in="proxy", proxies="127.0.0.1", sign_in_creates=True) as served:
        assert Visitor(served, **{NAMED: "Zoe@example.org"}).get("/who").json()["role"] == "reader"


def test_over_tls_the_page_and_its_socket_are_served(small_ear, own, tmp_path):
    place = Place(tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem")
    certify(place.tls_cert, place.tls_key)
    trusting = ssl.create_default_context(cafile=str(place.tls_cert))
    with department(small_ear, own, place=place) as served:
        assert served.url.startswith("https://127.0.0.1:")
        ann = Visitor(served, verify=trusting)
        said = ann.tries("ann", PASSWORD.format(name="ann"))
        assert said.headers["set-cookie"].startswith("__Host-dictation_session=")
        assert said.headers["strict-transport-security"] and said.headers["set-cookie"].endswith("; Secure")
        ann.signs_in("ann")
        assert ann.get("/who").json()["user"] == "ann"
        policy = ann.get("/worklist").headers["content-security-policy"]
        assert "wss://127.0.0.1" in policy and " ws://" not in policy
        address = ann.url.replace("https", "wss", 1) + "/desk"
        hello = {"do": "hello", "number": 1, "page": "a" * 32, "case": None, "user": "ann"}

        async def first_answer() -> dict:  # in one thread: a TLS socket is not safe to read and write from two
            own = {"Cookie": ann.cookie}
            async with connect(
                address, ssl=trusting, origin=ann.origin, additional_headers=own, proxy=None, open_timeout=WAIT_S
            ) as socket:
                await socket.send(json.dumps(hello))
                async with asyncio.timeout(WAIT_S):
                    while (told := json.loads(await socket.recv()))["kind"] != "answer":
                        pass
                    return told

        assert asyncio.run(first_answer())["ok"]


def certify(cert: Path, key: Path) -> None:
    """Make a certificate of this machine that is signed by itself."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(secret.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(secret, hashes.SHA256())
    )  # fmt: skip
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))


def test_under_a_sub_path_the_app_answers_whether_or_not_the_proxy_takes_it_away(small_ear, own):
    public = "https://reports.example/dictation"
    with department(small_ear, own, public_url=public) as served:
        at = f"http://127.0.0.1:{served._port}"
        for place in (at, f"{at}/dictation"):
            visitor = Visitor(served, place)
            visitor.http.headers.update({"host": "reports.example", "origin": "https://reports.example"})
            assert visitor.get("/", **PAGE).headers["location"] == "/dictation/sign-in"
            answer = visitor.tries("ann", "four wet otters of ann")
            assert answer.headers["location"] == "/dictation/"
            assert answer.headers["set-cookie"].startswith("__Secure-dictation_session=")
            assert "Path=/dictation;" in answer.headers["set-cookie"]
            cookie = answer.headers["set-cookie"].split(";")[0]
            page = visitor.get("/", **PAGE, cookie=cookie)
            assert page.status_code == 200 and "wss://reports.example" in page.headers["content-security-policy"]
            assert page.headers["strict-transport-security"] == "max-age=31536000"
            assert f"{public}" in page.text, "gradio knows where it is"
            assert visitor.get("/scripts/desk.js", cookie=cookie).status_code == 200
            assert visitor.get("/who", cookie=cookie, host="evil.example").status_code == 403
            other = {"origin": "https://evil.example", "cookie": cookie}
            assert visitor.post("/gradio_api/queue/join", **other).status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_without_sign_in_no_other_machine_is_served(settings, host):
    with pytest.raises(UsageError, match="DICTATION_SIGN_IN"):
        Place(host).check(settings)
    on = settings.model_copy(update={"sign_in": "password"})
    with pytest.raises(UsageError, match="DICTATION_PUBLIC_URL"):
        Place(host).check(on)
    Place(host).check(on.model_copy(update={"public_url": "https://reports.example"}))
    assert not ip_address(host).is_loopback


@pytest.mark.parametrize("url", ["https://reports.example/room", "http://192.0.2.1/", "http://[2001:db8::1]:7860/"])
def test_without_sign_in_no_other_machine_is_served_by_a_proxy_either(settings, url):
    public = Settings(public_url=url).public_url
    open_to_all = settings.model_copy(update={"public_url": public})
    with pytest.raises(UsageError, match="DICTATION_SIGN_IN") as refused:
        Place().check(open_to_all)
    assert public in str(refused.value) and "\n" not in str(refused.value)
    Place().check(open_to_all.model_copy(update={"sign_in": "password"}))


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/room", "https://127.0.0.1/", "http://127.9.9.9/", "http://[::1]/"]
)
def test_without_sign_in_a_proxy_of_this_machine_alone_may_be_named(settings, url):
    Place().check(settings.model_copy(update={"public_url": Settings(public_url=url).public_url}))


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "x-real-ip", "true-client-ip", "x-client-ip", "x-originating-ip", "x-remote-addr",
               "wl-proxy-client-ip", "x-azure-socketip"],
)  # fmt: skip
def test_without_sign_in_a_proxy_that_passes_on_another_machine_is_refused(unsigned, signed, header):
    for place in (
        "192.0.2.1",
        "127.0.0.1, 192.0.2.1",
        "2001:db8::1",
        "unknown",
    ):  # and 127.0.0.1 as Host, as nginx does
        is_refused(unsigned, ("/", "/worklist", "/who", "/config"), **{header: place})
    for place in ("127.0.0.1", "::1, 127.0.0.1", ""):
        here = Visitor(unsigned, **{header: place})
        assert here.get("/worklist").status_code == 200 and here.close_code(user="") == 0
    assert Visitor(signed, **{header: "192.0.2.1"}).signs_in("ann").get("/worklist").status_code == 200


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("forwarded", "for=192.0.2.1"),
        ("forwarded", 'For="[2001:db8::1]:4711"; proto=https'),
        ("forwarded", "for=127.0.0.1, for=192.0.2.1;by=127.0.0.1"),
        ("forwarded", "for=unknown"),
        ("forwarded", "for=_hidden"),
        ("forwarded", "proto=https;host=reports.example"),
        ("forwarded", 'for="127.0.0.1";for=203.0.113.9'),
        ("x-forwarded-host", "reports.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-by", "proxy.example"),
        ("x-forward-for", "203.0.113.9"),
        ("x-original-host", "reports.example"),
        ("via", "1.1 proxy.example"),
        ("via", "1.1 localhost"),
    ],
)
def test_without_sign_in_forwarded_and_via_are_refused_like_their_kin(unsigned, header, value):
    is_refused(unsigned, **{header: value})


@pytest.mark.parametrize("value", ["for=127.0.0.1", 'for="[::1]:80";proto=http, for="127.0.0.1:1234"'])
def test_a_proxy_that_says_forwarded_for_this_machine_passes(unsigned, value):
    assert Visitor(unsigned, forwarded=value).get("/worklist").status_code == 200


def test_what_is_incomplete_is_one_sentence(settings, tmp_path):
    Place().check(settings)
    with pytest.raises(UsageError, match="--tls-key"):
        Place(tls_cert=tmp_path / "x.pem").check(settings)
    with pytest.raises(MissingError, match=r"x\.pem"):
        Place(tls_cert=tmp_path / "x.pem", tls_key=tmp_path / "x.pem").check(settings)
    with pytest.raises(UsageError, match="DICTATION_PROXIES"):
        Place().check(settings.model_copy(update={"sign_in": "proxy"}))
    with pytest.raises(UsageError, match="IP address"):
        Place("reports.example").check(settings)
    half = settings.model_copy(
        update={"sign_in": "oidc", "oidc_client": "us", "public_url": "https://reports.example/"}
    )
    with pytest.raises(UsageError, match="needs DICTATION_OIDC_ISSUER, which"):
        Place().check(half)
    for name in ("inferences", "read_also"):
        with pytest.raises(UsageError, match=f"DICTATION_{name.upper()}: 'nosuch'"):
            Place().check(settings.model_copy(update={name: "nosuch"}))


def test_a_certificate_that_is_none_is_named_before_anything_is_loaded(settings, tmp_path):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_text("x")
    key.write_text("x")
    with pytest.raises(UsageError, match=r"chain\.pem and .*key\.pem are no certificate"):
        Place(tls_cert=chain, tls_key=key).check(settings)


def test_an_address_of_another_machine_is_not_called_a_taken_port(small_ear, own):
    elsewhere = own.model_copy(update={"sign_in": "password", "public_url": "https://reports.example/"})
    with pytest.raises(UsageError, match=r"no address 192\.0\.2\.1"):
        launch(Engines(small_ear), elsewhere, 7999, Place("192.0.2.1"))


@pytest.mark.parametrize(
    ("url", "is_read"),
    [
        ("", False), ("https://reports.example", False), ("http://localhost:7860", False),
        ("http://127.0.0.1/x", False), ("http://reports.example", True), ("http://10.1.2.3:7860", True),
    ],
)  # fmt: skip
def test_a_plain_address_is_read_by_others_and_serve_and_the_doctor_say_so(
    small_ear, own, url, is_read, monkeypatch, capsys
):
    own = own.model_copy(update={"public_url": url, "sign_in": "password"})
    monkeypatch.setattr(serving, "serve_page", lambda *_: None)
    serving.serve(Engines(small_ear), own, 7860, Place())
    said = capsys.readouterr().err
    found = {check["name"]: check for check in examine(own)["checks"]}
    assert ("cross the network in clear" in said) == ("network" in found) == is_read
    if is_read:
        assert "passwords" in said and not found["network"]["ok"] and "--tls-cert" in found["network"]["fix"]


@pytest.mark.parametrize(
    ("url", "is_heard"),
    [("", True), ("https://reports.example", True), ("http://localhost:7860", True), ("http://reports.example", False)],
)
def test_a_plain_address_gets_no_microphone_and_the_doctor_says_what_to_do(settings, url, is_heard):
    fault = microphone_fault(settings.model_copy(update={"public_url": url}))
    assert (fault is None) == is_heard
    if fault:
        assert "microphone" in fault[0] and "--tls-cert" in fault[1]
