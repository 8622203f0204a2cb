"""Objects of a bucket: listed once, fetched whole, tried again within bounds, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from buckets import STALL, Buckets

from trueup.config import ConfigurationError, bucket_url
from trueup.landing import storage
from trueup.landing.storage import (
    ATTEMPTS,
    FIRST_WAIT,
    Object,
    ObjectStore,
    Unreadable,
    with_retries,
)

ODD_KEYS = [
    "2018-08-01T13:51:14+00:00.csv",
    "a&b=c.csv",
    "back\\slash.csv",
    "brackets [1].csv",
    "double//slash.csv",
    "zipped.csv.gz",
    "zstd.csv.zst",
    "filename=1/size=2/x.csv",
    "hash#1.csv",
    "per%20cent.csv",
    "plus+1.csv",
    "quote's.csv",
    "stars/**.csv",
    "with space/ümlaut é.csv",
]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "FIRST_WAIT", 0.01)


def fetched(store: ObjectStore, found: Object, folder: Path) -> bytes:
    target = folder / f"object{Path(found.key).suffix}"
    store.fetch(found, target)
    return target.read_bytes()


@pytest.mark.parametrize("prefix", ["p", "a b/[x]*/é%20+\\"])
@pytest.mark.parametrize("more", [[], ["question?.csv"]])
def test_every_key_is_listed_and_fetched_as_it_is(
    buckets: Buckets, tmp_path: Path, prefix: str, more: list[str]
) -> None:
    keys = ODD_KEYS + more
    buckets.put("exports", f"{prefix}x/a-neighbour.csv", b"x")
    for key in keys:
        buckets.put("exports", f"{prefix}/{key}", key.encode())
    store = ObjectStore()
    found = store.objects(f"s3://exports/{prefix}")
    assert sorted(o.key for o in found) == sorted(keys)
    for each in found:
        assert fetched(store, each, tmp_path) == each.key.encode()
        assert each.bytes == len(each.key.encode())


def test_a_listing_takes_one_request_a_page(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    for number in range(25):
        buckets.put("exports", f"aws_cur/{number}.csv", b"x")
    assert len(ObjectStore().objects("s3://exports")) == 25
    assert len(buckets.relay.requests) == 3
    assert all(request.startswith("GET /exports/?") for request in buckets.relay.requests)


def test_a_time_is_that_of_the_upload(buckets: Buckets) -> None:
    buckets.put("exports", "a.csv", b"x")
    (found,) = ObjectStore().objects("s3://exports")
    uploaded = buckets.client("s3").head_object(Bucket="exports", Key="a.csv")["LastModified"]
    assert found.modified_ns == int(uploaded.timestamp()) * 10**9


@pytest.mark.parametrize(
    "fault", [(503, "SlowDown"), (429, "TooManyRequests"), (500, "InternalError")]
)
def test_a_busy_store_is_asked_again(
    buckets: Buckets, tmp_path: Path, fault: tuple[int, str]
) -> None:
    buckets.put("exports", "a.csv", b"x")
    store = ObjectStore()
    buckets.relay.faults.extend([fault] * (ATTEMPTS - 1))
    (found,) = store.objects("s3://exports")
    assert len(buckets.relay.requests) == ATTEMPTS
    buckets.relay.faults.extend([fault] * (ATTEMPTS - 1))
    assert fetched(store, found, tmp_path) == b"x"


def test_a_store_that_stays_busy_is_given_up_after_the_last_attempt(buckets: Buckets) -> None:
    buckets.relay.faults.extend([(503, "SlowDown")] * 100)
    with pytest.raises(Unreadable, match=r"the store is busy \(503 SlowDown\)\.") as caught:
        ObjectStore().objects("s3://exports")
    assert caught.value.attempts == ATTEMPTS == len(buckets.relay.requests)


def test_a_store_that_does_not_answer_is_given_up(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_READ_TIMEOUT", "1")
    monkeypatch.setattr(storage, "ATTEMPTS", 2)
    buckets.relay.faults.extend([STALL] * 2)
    with pytest.raises(Unreadable, match="no answer within 1 seconds") as caught:
        ObjectStore().objects("s3://exports")
    assert (caught.value.attempts, len(buckets.relay.requests)) == (2, 2)
    assert ObjectStore().objects("s3://exports") == []


def test_a_store_that_is_not_there_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unreadable, match="the store cannot be reached") as caught:
        ObjectStore().objects("s3://exports")
    assert caught.value.attempts == ATTEMPTS


def test_waits_double_and_vary() -> None:
    def fail() -> None:
        raise Unreadable("busy", "Wait.", is_transient=True)

    waits: list[list[float]] = [[], []]
    for each in waits:
        with pytest.raises(Unreadable):
            with_retries(fail, each.append)
        assert len(each) == ATTEMPTS - 1
        for n, seconds in enumerate(each):
            assert storage.FIRST_WAIT * 2**n / 2 <= seconds <= storage.FIRST_WAIT * 2**n
    assert waits[0] != waits[1]
    assert FIRST_WAIT * 2 ** (ATTEMPTS - 1) < 10, "a source is given up within seconds"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "access is denied (403 AccessDenied)"),
        (
            {"AWS_ACCESS_KEY_ID": "AKIANOBODY"},
            "the access key is not known (403 InvalidAccessKeyId)",
        ),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "the secret key is wrong (403 SignatureDoesNotMatch)"),
    ],
)
def test_wrong_credentials_are_refused_in_words_and_at_once(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], reason: str
) -> None:
    buckets.client("s3").create_bucket(Bucket="secret")
    for name, value in (buckets.user("exports") | change).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Unreadable) as caught:
        ObjectStore().objects("s3://secret")
    assert caught.value.reason == reason
    assert caught.value.attempts == 1 == len(buckets.relay.requests)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ((400, "ExpiredToken"), "the credentials have expired"),
        ((403, "InvalidObjectState"), "it lies in an archive tier"),
        ((400, "AuthorizationHeaderMalformed"), "the bucket is in another region"),
        ((418, "Teapot"), "the store refuses (418 Teapot)"),
    ],
)
def test_a_refusal_is_said_in_words(buckets: Buckets, fault: tuple[int, str], reason: str) -> None:
    buckets.relay.faults.extend([fault] * 4)
    with pytest.raises(Unreadable) as caught:
        ObjectStore().objects("s3://exports")
    assert caught.value.reason.startswith(reason)
    assert caught.value.attempts == 1


def test_a_missing_bucket_is_named(buckets: Buckets) -> None:
    with pytest.raises(Unreadable, match="there is no such bucket"):
        ObjectStore().objects("s3://nowhere/p")


def test_an_object_that_went_or_changed_since_the_listing_is_not_used(
    buckets: Buckets, tmp_path: Path
) -> None:
    buckets.put("exports", "gone.csv", b"x")
    buckets.put("exports", "grown.csv", b"x")
    store = ObjectStore()
    gone, grown = store.objects("s3://exports")
    buckets.client("s3").delete_object(Bucket="exports", Key="gone.csv")
    buckets.put("exports", "grown.csv", b"xx")
    for found, reason in ((gone, "it is gone since"), (grown, "it changed since it was listed")):
        with pytest.raises(Unreadable, match=reason):
            store.fetch(found, tmp_path / "object")


def test_an_object_beyond_memory_is_refused_in_words(
    buckets: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_MEMORY_LIMIT", "20MB")
    buckets.put("exports", "big.csv", b"x" * 30_000_000)
    store = ObjectStore()
    (found,) = store.objects("s3://exports")
    with pytest.raises(Unreadable, match="it does not fit into memory"):
        store.fetch(found, tmp_path / "object")


def test_google_cloud_storage_is_read_with_its_own_keys(
    buckets: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buckets.put("exports", "gcp_billing/a b.csv", b"x")
    keys = buckets.user("exports")
    monkeypatch.setenv("GS_ACCESS_KEY_ID", keys["AWS_ACCESS_KEY_ID"])
    monkeypatch.setenv("GS_SECRET_ACCESS_KEY", keys["AWS_SECRET_ACCESS_KEY"])
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", buckets.relay.url)
    store = ObjectStore()
    (found,) = store.objects("gs://exports")
    assert (found.key, fetched(store, found, tmp_path)) == ("gcp_billing/a b.csv", b"x")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("az://container/p", "is no location in Amazon S3 or Google Cloud Storage"),
        ("https://host/p", "is no location in"),
        ("s3://", "names no bucket"),
        ("s3://bucket/p?x=1", "holds a question mark"),
    ],
)
def test_a_location_that_is_not_read_is_refused_in_words(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        bucket_url(url)
    assert said in str(caught.value)


def test_slashes_and_spaces_around_a_location_do_not_matter() -> None:
    assert bucket_url(" s3://bucket/a b/ \n") == "s3://bucket/a b"
    assert bucket_url("gs://bucket") == "gs://bucket"
