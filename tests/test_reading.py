"""Files in every encoding that reports come in, and files that are no reports."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from conftest import is_one_chinese_sentence
from reportqa.reading import Source, files_under, read
from reportqa.schema import ReadingError, ReportQAError

TRADITIONAL = (
    "政府工作報告\n\n各位代表：\n\n現在，我代表市人民政府向大會報告工作，請予審議，並請各位委員提出意見。\n\n"
    "一、過去一年的工作\n\n全市生產總值增長8.4%，規模以上工業增加值增長11.7%，高於全省2.1個百分點。"
    "財政收入穩步提高，居民收入持續增長，就業形勢總體平穩，物價基本穩定，社會保障體系更加健全。\n"
)
SENTENCE = "各位代表：现在，我代表市人民政府向大会报告工作，请予审议。\n"
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with a mark": "utf-8-sig",
    "utf-16 with a mark, little end first": "utf-16",
    "utf-16, little end first": "utf-16-le",
    "utf-16, big end first": "utf-16-be",
    "gb18030": "gb18030",
}
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000100000001008060000001ff3ff61")
ENGLISH = "Fellow deputies, on behalf of the people's government I now submit a report on the work of the government.\n"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def refusal(path: Path) -> str:
    """Return the sentence that ``read`` refuses a file with, having checked that it can be shown as it is."""
    with pytest.raises(ReadingError) as caught:
        read(path)
    message = str(caught.value)
    assert is_one_chinese_sentence(message)
    assert "Error" not in message
    return message


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS.keys())
@pytest.mark.parametrize("length", [None, 700, 60])
def test_the_sample_reads_the_same_in_every_encoding(
    tmp_path: Path, sample_source: Source, encoding: str, length: int | None
) -> None:
    text = sample_source.text[:length]
    data = text.encode(encoding)
    source = read(write(tmp_path / "报告.txt", data))
    assert source == Source("报告.txt", text, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_one_sentence_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(write(tmp_path / "a.txt", SENTENCE.encode(encoding))).text == SENTENCE


def test_utf_16_with_a_mark_and_the_big_end_first(tmp_path: Path, sample_source: Source) -> None:
    data = b"\xfe\xff" + sample_source.text.encode("utf-16-be")
    assert read(write(tmp_path / "a.txt", data)).text == sample_source.text


@pytest.mark.parametrize("encoding", ["big5", "utf-8", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("text", [TRADITIONAL, TRADITIONAL[:80], TRADITIONAL * 20], ids=["whole", "short", "long"])
def test_traditional_text_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    assert read(write(tmp_path / "a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16-le"])
@pytest.mark.parametrize("before", ["", "a"])
def test_a_long_text_reads_whatever_character_its_first_100_000_bytes_end_in(
    tmp_path: Path, encoding: str, before: str
) -> None:
    text = before + TRADITIONAL * 400
    assert len(text.encode(encoding)) > 100_000
    assert read(write(tmp_path / "a.txt", text.encode(encoding))).text == text


def test_line_ends_are_kept(tmp_path: Path) -> None:
    text = SENTENCE.replace("\n", "\r\n") * 2
    assert read(write(tmp_path / "a.md", text.encode())).text == text


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\n".encode()])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    assert "空文件" in refusal(write(tmp_path / "a.txt", data))


@pytest.mark.parametrize(
    "data",
    [
        PNG + random.Random(0).randbytes(500),  # noqa: S311
        PNG,
        bytes(1000),
        bytes(1001),
        b"PK\x03\x04" + random.Random(1).randbytes(2000),  # noqa: S311
        b"\xff\xfe" + b"\x00\xd8" * 21,
        b"\xef\xbb\xbf" + b"\xff\x00" * 20,
        "政府工作报告".encode("utf-32"),
    ],
    ids=["PNG", "PNG header", "NULs", "odd NULs", "zip", "utf-16 mark", "utf-8 mark", "utf-32"],
)
def test_a_binary_file(tmp_path: Path, data: bytes) -> None:
    assert "a.txt" in refusal(write(tmp_path / "a.txt", data))


@pytest.mark.parametrize("size", [64, 256, 4096])
def test_random_bytes(tmp_path: Path, size: int) -> None:
    for seed in range(20):
        data = random.Random(seed).randbytes(size)  # noqa: S311
        assert "a.txt" in refusal(write(tmp_path / "a.txt", data)), seed


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_utf_8_text_cut_within_a_character_is_never_read_as_other_characters(
    tmp_path: Path, sample_source: Source, cut: int
) -> None:
    data = sample_source.text.strip().encode()[:-cut]
    try:
        text = read(write(tmp_path / "a.txt", data)).text
    except ReadingError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017
    else:
        assert text.rstrip("\ufffd") == data.decode(errors="ignore")


@pytest.mark.parametrize(
    "data",
    [
        ENGLISH.encode(),
        ENGLISH.encode("utf-16"),
        ENGLISH.encode("utf-16-le"),
        ENGLISH.replace("'", "’").encode("cp1252"),
        ENGLISH.replace("'", "’").encode("cp1252") + b"\n",
        (ENGLISH * 20 + "Liaocheng (聊城)\n").encode(),
    ],
    ids=["ascii", "utf-16", "utf-16-le", "cp1252", "cp1252, one byte longer", "two Chinese characters"],
)
def test_english_text(tmp_path: Path, data: bytes) -> None:
    assert "中文" in refusal(write(tmp_path / "a.txt", data))


def test_another_suffix(tmp_path: Path) -> None:
    assert ".txt" in refusal(write(tmp_path / "a.xyz", SENTENCE.encode()))


def test_a_missing_file(tmp_path: Path) -> None:
    assert "没有.txt" in refusal(tmp_path / "没有.txt")


def test_a_directory_in_place_of_a_file(tmp_path: Path) -> None:
    refusal(tmp_path)


def test_a_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "1")
    data = SENTENCE.encode() * 40_000
    within = write(tmp_path / "within.txt", data[:999_999].decode(errors="ignore").encode())
    assert read(within).text.startswith(SENTENCE)
    message = refusal(write(tmp_path / "over.txt", data))
    assert f"{len(data) / 1_000_000:.0f} MB" in message
    assert "REPORTQA_MAX_FILE_MB" in message


def test_a_file_just_over_the_limit_is_not_said_to_be_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "1")
    assert "有 1 MB，超过 1 MB" not in refusal(write(tmp_path / "a.txt", b"\n" * 1_200_000))


def test_a_limit_that_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "很大")
    with pytest.raises(ReportQAError, match="REPORTQA_MAX_FILE_MB") as caught:
        read(write(tmp_path / "a.txt", SENTENCE.encode()))
    assert is_one_chinese_sentence(str(caught.value))


def test_files_under_a_directory(tmp_path: Path) -> None:
    inner = tmp_path / "2022" / "市"
    inner.mkdir(parents=True)
    for path in (tmp_path / "b.txt", inner / "a.TXT", tmp_path / "c.md", tmp_path / "d.png"):
        write(path, b"")
    (tmp_path / "e.txt").mkdir()
    assert files_under([tmp_path]) == [inner / "a.TXT", tmp_path / "b.txt", tmp_path / "c.md"]


def test_files_under_gives_each_file_once_and_keeps_a_named_file_of_any_suffix(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a.txt", b""), write(tmp_path / "b.png", b"")
    assert sorted(files_under([one, tmp_path, one, other])) == [one, other]


def test_files_under_gives_a_file_once_that_is_named_in_two_ways(tmp_path: Path) -> None:
    one = write(tmp_path / "a.txt", b"")
    (tmp_path / "inner").mkdir()
    assert len(files_under([one, tmp_path / "inner" / ".." / "a.txt"])) == 1


@pytest.mark.parametrize(
    "name", ["没有", "没有.txt", "过长" * 200], ids=["a directory", "a file", "longer than names may be"]
)
def test_files_under_a_missing_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadingError) as caught:
        files_under([tmp_path, tmp_path / name])
    assert is_one_chinese_sentence(str(caught.value))
    assert name in str(caught.value)


def test_files_under_a_directory_without_reports(tmp_path: Path) -> None:
    write(tmp_path / "a.png", PNG)
    with pytest.raises(ReadingError, match=r"\.txt") as caught:
        files_under([tmp_path])
    assert is_one_chinese_sentence(str(caught.value))
