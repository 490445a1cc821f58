"""An identity provider that lies: what it says of itself and of whom, for whom it says it, and who signed that."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from dictation.review.sign_in_elsewhere import ALGORITHMS
from tests.review.department import PAGE, Visitor, department
from tests.review.ports import HeldPort
from tests.review.provider import CLIENT, Claims, Provider, jwk, jwt, vouched_for

jws = pytest.importorskip("joserfc.jws")

ALL = ["RS256", "HS256", "none"]  # what some providers list, though they sign in one way


def signed_by_another(provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.another)


def unsigned(provider: Provider, claims: Claims) -> str:
    return ".".join([_part({"alg": "none", "kid": "one"}), _part(claims), ""])


def signed_with_the_public_key(provider: Provider, claims: Claims) -> str:
    """Key confusion: what everybody may read is taken for a secret that only the provider knows."""
    public = jwk.OctKey.import_key(provider.key.as_pem(private=False))
    registry = jws.JWSRegistry(algorithms=["HS256"], strict_check_header=False)
    return jws.serialize_compact({"alg": "HS256", "kid": "one"}, json.dumps(claims), public, registry=registry)


def signed_with_our_secret(provider: Provider, claims: Claims) -> str:
    key = jwk.OctKey.import_key("ours" * 8)
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key)


def signed_with_its_own_key(provider: Provider, claims: Claims) -> str:
    """The header brings the key with which it is to be checked."""
    own = provider.another.as_dict(private=False)
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    header = {"alg": "RS256", "jwk": own}
    return jws.serialize_compact(header, json.dumps(claims), provider.another, registry=registry)


def _part(value: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def hospital(small_ear, settings, tmp_path, provider):
    """Opens the server with sign-in by this provider."""
    own = settings.model_copy(update={"home": tmp_path / "home"})

    @contextmanager
    def one(**changes):
        with HeldPort() as port:
            asked = {
                "sign_in": "oidc", "public_url": f"http://127.0.0.1:{port}/", "oidc_issuer": provider.issuer,
                "oidc_client": CLIENT, "oidc_secret": SecretStr("ours" * 8),
            }  # fmt: skip
            with department(small_ear, own, port, **(asked | changes)) as served:
                yield served

    return one


HONEST = [{}, {"aud": [CLIENT]}, {"aud": [CLIENT, "others"], "azp": CLIENT}, {"at_hash": None}]
LIES = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "others"},
    "another audience, asked for by us": {"aud": "others", "azp": CLIENT},
    "others' audiences, asked for by us": {"aud": ["others", "more"], "azp": CLIENT},
    "ours too, asked for by another": {"aud": [CLIENT, "others"], "azp": "others"},
    "no audience": {"aud": None},
    "an empty audience": {"aud": [], "azp": CLIENT},
    "another nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "over": {"exp": 1},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "never"},
    "still to come": {"iat": 2**40},
    "not yet": {"nbf": 2**40},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}
FORGERIES = [signed_by_another, unsigned, signed_with_the_public_key, signed_with_our_secret, signed_with_its_own_key]


@pytest.mark.parametrize("algorithms", [["RS256"], ALL, None], ids=["one", "all", "unsaid"])
def test_a_token_signs_in_who_was_vouched_for_to_us_and_no_other_does(hospital, provider, algorithms):
    provider.says = {ALGORITHMS: algorithms}
    with hospital() as served:
        for provider.claims in HONEST:
            assert vouched_for(Visitor(served), provider) == 200, provider.claims
        for lie, provider.claims in LIES.items():
            assert vouched_for(Visitor(served), provider) == 401, lie
        provider.claims = {}
        for provider.sign in FORGERIES:
            assert vouched_for(Visitor(served), provider) == 401, provider.sign.__name__


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_a_provider_that_calls_itself_by_another_name_is_not_gone_to(hospital, provider, issuer):
    provider.says = {"issuer": issuer}
    with hospital() as served:
        answer = Visitor(served).get("/sign-in/oidc", **PAGE)
        assert answer.status_code == 502 and "DICTATION_OIDC_ISSUER" in answer.text


def test_an_address_that_the_provider_has_not_verified_is_nobodys_name(hospital, provider):
    with hospital(oidc_name_claim="email") as served:
        for verified, status in ((False, 403), ("false", 403), (True, 200), ("true", 200), (None, 200)):
            provider.claims = {"email": "ann", "email_verified": verified}
            assert vouched_for(Visitor(served), provider) == status, verified


def test_over_tls_no_other_page_of_this_host_plants_a_sign_in_that_was_begun_elsewhere(hospital, provider):
    """Else a reader would dictate in the name of whoever began it."""
    with hospital(public_url="https://reports.hospital.example/room") as served:
        there = {"host": "reports.hospital.example", "origin": "https://reports.hospital.example", **PAGE}
        visitor = Visitor(served, f"http://127.0.0.1:{served._port}")
        begun = visitor.get("/sign-in/oidc", **there)
        asked = parse_qs(urlsplit(begun.headers["location"]).query)
        cookie, provider.nonce = begun.headers["set-cookie"], asked["nonce"][0]
        assert cookie.startswith("__Secure-") and "; secure" in cookie.lower()
        back, kept = f"/sign-in/oidc/back?code=c&state={asked['state'][0]}", cookie.partition(";")[0]
        planted = {"cookie": kept.removeprefix("__Secure-"), **there}
        assert visitor.get(back, **planted).status_code == 401
        assert visitor.get(back, **{"cookie": kept, **there}).status_code == 200
