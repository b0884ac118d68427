"""Codes of ours are written and read as the vectors say, and a reader that shares no code with ours agrees."""

import json
import runpy
import sys
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from coin.errors import InvalidInput
from coin.qr import picture
from coin.qr.text import Dynamic, Static, build, parse
from coin.qr.tlv import Fault, crc, open_sealed

sys.path.insert(0, str(Path(__file__).parent))
import independent

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/qr.json").read_text("utf-8"))
ACCEPTED = VECTORS["accepted"]
KINDS = {"Static": Static, "Dynamic": Dynamic}


def names(vectors):
    return [f"{i}: {v['about']}" for i, v in enumerate(vectors)]


@pytest.mark.parametrize("vector", ACCEPTED, ids=names(ACCEPTED))
def test_an_accepted_code_is_read_as_its_fields(vector):
    code = parse(vector["text"])

    assert type(code).__name__ == vector["kind"]
    assert asdict(code) == vector["fields"]


@pytest.mark.parametrize("vector", ACCEPTED, ids=names(ACCEPTED))
def test_the_independent_reader_acts_on_the_same_merchant_amount_and_checkout(vector):
    fields = vector["fields"]

    read = independent.meaning(vector["text"])

    assert read == {
        "kind": vector["kind"],
        "municipality": fields["municipality"],
        "merchant": f"{fields['merchant_number']:06d}",
        "amount": str(fields.get("amount_yen", "")),
        "checkout": fields.get("checkout", ""),
    }


@pytest.mark.parametrize("vector", ACCEPTED, ids=names(ACCEPTED))
def test_zxing_reads_the_png_of_a_code_back_to_its_text(vector):
    drawing = picture.png(vector["text"])

    [read] = zxingcpp.read_barcodes(Image.open(BytesIO(drawing)))

    assert read.text == vector["text"]
    assert read.bytes == vector["text"].encode()


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=names(VECTORS["refused"]))
def test_a_refused_code_gets_the_code_and_the_place_of_its_vector(vector):
    with pytest.raises(InvalidInput) as refusal:
        parse(vector["text"])

    assert (refusal.value.code, refusal.value.field) == (vector["code"], vector["field"])


def test_a_text_with_half_a_character_is_refused_as_no_code_of_ours():
    with pytest.raises(InvalidInput) as refusal:
        parse(ACCEPTED[0]["text"][:-1] + "\ud800")

    assert refusal.value.code == "qr_not_emvco"


def test_every_way_of_being_wrong_has_a_vector_and_a_japanese_sentence_of_its_own():
    codes = [fault.value[0] for fault in Fault]
    sentences = {fault.value[1] for fault in Fault}

    assert {v["code"] for v in VECTORS["refused"]} == set(codes)
    assert len(sentences) == len(codes)
    assert all(sentence.endswith("。") for sentence in sentences)


def sealed(body):
    return body + "6304" + independent.checksum((body + "6304").encode())


BODY = ACCEPTED[0]["text"][:-8]
WRONG = {
    "another system": (
        sealed(BODY.replace("ebf47177d283479f9d0a40b74d6c7399", "A000000677010111A000000677010111")),
        "qr_other_system",
    ),
    "a wrong checksum": (
        BODY + "6304" + ("0000" if ACCEPTED[0]["text"][-4:] != "0000" else "0001"),
        "qr_crc_wrong",
    ),
    "another currency": (
        sealed(BODY.replace("5303392", "5303840")),
        "qr_currency_wrong",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused_says_why_by_a_code_of_its_own(name):
    text, code = WRONG[name]
    drawing = Image.open(BytesIO(picture.png(text)))

    [read] = zxingcpp.read_barcodes(drawing)
    with pytest.raises(InvalidInput) as refusal:
        parse(read.text)

    assert read.text == text != ACCEPTED[0]["text"]
    assert refusal.value.code == code


def test_the_official_sample_has_the_official_checksum_in_both_readers():
    official = VECTORS["official"]

    assert official["text"].endswith("6304" + official["crc"])
    assert crc(official["text"][:-4]) == official["crc"]
    assert independent.checksum(official["text"][:-4].encode()) == official["crc"]


def test_the_official_sample_is_cut_into_the_official_items_and_belongs_to_another_system():
    text = VECTORS["official"]["text"]

    items = dict(independent.cut(text))
    ours = open_sealed(text)

    assert ours == items
    assert (items["58"], items["59"], items["60"]) == ("CN", "BEST TRANSPORT", "BEIJING")
    assert (items["53"], items["54"], items["63"]) == ("156", "23.72", "A13A")
    with pytest.raises(InvalidInput) as refusal:
        parse(text)
    assert refusal.value.code == "qr_other_system"


def test_the_file_is_what_its_script_makes():
    made = runpy.run_path(str(ROOT / "tests/vectors/make_qr.py"))["vectors"]()

    assert json.loads(json.dumps(made)) == VECTORS


def test_what_we_build_keeps_the_order_and_the_sizes_of_the_format():
    text = build(KINDS["Dynamic"](**ACCEPTED[3]["fields"]))

    tags = [tag for tag, _ in independent.cut(text)]

    assert tags == ["00", "01", "27", "52", "53", "54", "58", "59", "60", "64", "63"]
    assert len(text) < 300
