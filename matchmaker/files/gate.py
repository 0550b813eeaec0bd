"""What is looked at before a file is opened: its name, its first bytes and, for archives, their directory."""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from enum import StrEnum

from matchmaker.files.book import Limits
from matchmaker.files.refusals import FileRefused, refused


class Format(StrEnum):
    """The kinds of file that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    XLSB = "xlsb"
    ODS = "ods"
    TEXT = "csv"
    DOCX = "docx"


_EXTENSIONS = {
    "xlsx": Format.XLSX,
    "xls": Format.XLS,
    "xlsb": Format.XLSB,
    "ods": Format.ODS,
    "csv": Format.TEXT,
    "tsv": Format.TEXT,
    "txt": Format.TEXT,
    "docx": Format.DOCX,
}
_WAY_OUT = {
    "et": "这是 WPS 自有格式，请在 WPS 中“另存为”.xlsx 后再上传。",
    "ett": "这是 WPS 模板，请在 WPS 中“另存为”.xlsx 后再上传。",
    "wps": "这是 WPS 自有格式，请在 WPS 中“另存为”.docx 后再上传。",
    "doc": "旧版 Word 文件请“另存为”.docx 后再上传。",
    "rtf": "这个文件请在 Word 或 WPS 中“另存为”.docx 后再上传。",
    "xlsm": "带宏的工作簿不能上传，请“另存为”不带宏的 .xlsx 后再上传。",
    "xltm": "带宏的模板不能上传，请“另存为”不带宏的 .xlsx 后再上传。",
    "xltx": "这是表格模板，请“另存为”.xlsx 后再上传。",
    "docm": "带宏的文档不能上传，请“另存为”不带宏的 .docx 后再上传。",
    "zip": "压缩包不能直接上传，请先解压，再逐个上传里面的表格。",
    "rar": "压缩包不能直接上传，请先解压，再逐个上传里面的表格。",
    "7z": "压缩包不能直接上传，请先解压，再逐个上传里面的表格。",
    "pdf": "PDF 无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    "jpg": "图片无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    "jpeg": "图片无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    "png": "图片无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    "xlt": "这是表格模板，请“另存为”.xlsx 后再上传。",
    "xlam": "这是 Excel 加载项，不是清单；请上传 .xlsx 表格。",
    "fods": "这个文件请用 Excel、WPS 或 LibreOffice 打开后“另存为”.xlsx 再上传。",
    "numbers": "这是苹果 Numbers 表格，请在 Numbers 中“导出”为 Excel（.xlsx）后再上传。",
    "pages": "这是苹果 Pages 文稿，请在 Pages 中“导出”为 Word（.docx）后再上传。",
    "odt": "这个文件请用 Word、WPS 或 LibreOffice 打开后“另存为”.docx 再上传。",
    "dotx": "这是文档模板，请“另存为”.docx 后再上传。",
    "wpt": "这是 WPS 模板，请在 WPS 中“另存为”.docx 后再上传。",
    "ofd": "OFD 版式文件无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    "caj": "这个文件无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    "eml": "这是邮件，请把里面的附件另存出来，再上传附件。",
    "msg": "这是邮件，请把里面的附件另存出来，再上传附件。",
    **dict.fromkeys(("ppt", "pptx", "dps"), "演示文稿不能上传，请把清单整理成 .xlsx 或 .docx 再上传。"),
    **dict.fromkeys(
        ("bmp", "gif", "tif", "tiff", "webp", "heic"),
        "图片无法逐格读取，请向对方索取可编辑的 .xlsx 或 .docx 文件。",
    ),
    **dict.fromkeys(("tar", "gz", "bz2", "xz"), "压缩包不能直接上传，请先解压，再逐个上传里面的表格。"),
    **dict.fromkeys(
        ("xml", "mht", "mhtml", "dbf", "slk", "dif", "prn", "json", "md"),
        "这种文件不能直接上传，请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传。",
    ),
    "html": "网页不能直接上传，请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传。",
    "htm": "网页不能直接上传，请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传。",
}
_TAKEN = "可以上传的类型：.xlsx、.xls、.xlsb、.ods、.csv、.tsv、.txt、.docx。"
_SAVE_AGAIN = "请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传"


class Content(StrEnum):
    """What the first bytes of a file say it is."""

    EMPTY = "空文件"
    ZIP = "zip"
    OLE = "ole"
    HTML = "网页"
    XML = "XML 文本"
    PDF = "PDF"
    IMAGE = "图片"
    ARCHIVE = "压缩包"
    PROGRAM = "程序"
    TEXT = "文本"


_MAGIC = (
    (b"PK\x03\x04", Content.ZIP),
    (b"PK\x05\x06", Content.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.OLE),
    (b"%PDF-", Content.PDF),
    (b"\x89PNG", Content.IMAGE),
    (b"\xff\xd8\xff", Content.IMAGE),
    (b"GIF8", Content.IMAGE),
    (b"Rar!", Content.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Content.ARCHIVE),
    (b"\x1f\x8b", Content.ARCHIVE),
    (b"MZ\x90\x00", Content.PROGRAM),
    (b"\x7fELF", Content.PROGRAM),
)


def admit(content: bytes, filename: str, limits: Limits) -> Format:
    """Return how the file is to be read. Raises FileRefused with the way out when it is not taken.

    Only names, sizes and the directory of an archive are looked at: nothing is unpacked but the
    list of content types.
    """
    form = _format_of_name(filename)
    found = content_kind(content)
    if found is Content.EMPTY:
        raise refused("empty_file", "文件是空的，没有任何内容，请检查后重新上传。")
    if len(content) > limits.file_bytes:
        size = limits.file_bytes // 1_000_000
        raise refused("file_too_big", f"文件超过 {size} MB，请拆成几个文件后分别上传。")
    if form is Format.TEXT:
        _admit_text(found)
    elif form is Format.XLS:
        _admit_ole(content, found)
    else:
        _admit_zip(content, found, form, limits)
    return form


def clean_filename(filename: str) -> str:
    """Return a file's name for showing and storing: the last part, no control marks, at most 120 long."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", filename))[-1]
    kept = "".join(mark for mark in last if unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co"))
    stem, dot, extension = kept.strip(" .").rpartition(".")
    return (f"{stem[:110]}{dot}{extension[:9]}" if dot else kept.strip(" .")[:120]) or "未命名"


def content_kind(content: bytes) -> Content:
    """Return what the first bytes say."""
    body = content.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        return Content.EMPTY
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    start = body[:2000].lstrip().lower()
    if start.startswith(
        (b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<style", b"<div")
    ):
        return Content.HTML
    return Content.XML if start.startswith(b"<?xml") else Content.TEXT


def _format_of_name(filename: str) -> Format:
    extension = clean_filename(filename).rpartition(".")[2].lower()
    if extension in _EXTENSIONS:
        return _EXTENSIONS[extension]
    if extension in _WAY_OUT:
        raise refused("file_type", _WAY_OUT[extension])
    if "." not in clean_filename(filename):
        raise refused(
            "file_type", f"文件名没有扩展名，看不出是哪种文件，请补上扩展名（如 .xlsx）再上传。{_TAKEN}"
        )
    raise refused("file_type", f"不支持这种文件。{_TAKEN}")


def _admit_text(found: Content) -> None:
    if found in (Content.ZIP, Content.OLE):
        raise refused(
            "content_mismatch",
            "扩展名是文本表格，内容却是 Excel 或压缩文件，请改回原来的扩展名（多为 .xlsx 或 .xls）再上传。",
        )
    if found is not Content.TEXT:
        raise refused("content_mismatch", f"扩展名是文本表格，内容却是{found}，{_SAVE_AGAIN}。")


def _admit_ole(content: bytes, found: Content) -> None:
    if found is Content.ZIP:
        raise refused("content_mismatch", "扩展名是 .xls，内容却是 .xlsx，请把扩展名改为 .xlsx 再上传。")
    if found is Content.TEXT:
        raise refused(
            "content_mismatch", f"扩展名是 .xls，内容却是文本，请把扩展名改为 .csv 再上传，或{_SAVE_AGAIN}。"
        )
    if found is not Content.OLE:
        raise refused("content_mismatch", f"扩展名是 .xls，内容却是{found}，{_SAVE_AGAIN}。")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise refused("macro", f"文件里带有宏，不能上传；{_SAVE_AGAIN}。")
    # In an encrypted .xls the FILEPASS record (2F) follows the 20 bytes of the workbook's first record.
    if re.search(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}\x2f\x00", content, re.DOTALL):
        raise refused("password", "文件有打开密码，请取消密码、另存后再上传。")
    if "WordDocument".encode("utf-16-le") in content:
        raise refused("content_mismatch", _WAY_OUT["doc"])
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book", "EncryptedPackage")):
        raise refused("content_mismatch", f"文件里没有找到工作簿，可能已损坏；{_SAVE_AGAIN}。")


def _admit_zip(content: bytes, found: Content, form: Format, limits: Limits) -> None:
    if found is Content.OLE:
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise refused("password", "文件有打开密码，请取消密码、另存后再上传。")
        raise refused(
            "content_mismatch",
            f"扩展名是 .{form}，内容却是旧版 Office 文件，请把文件“另存为”.{form} 后再上传。",
        )
    if found is not Content.ZIP:
        raise refused(
            "content_mismatch",
            f"扩展名是 .{form}，内容却是{found}，{_SAVE_AGAIN}（Word 文件则另存为 .docx）。",
        )
    _check_directory_size(content, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive.infolist(), limits)
            _check_purpose(archive, form)
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        OSError,
        EOFError,
        struct.error,
        zlib.error,
        KeyError,
    ) as fault:
        if isinstance(fault, FileRefused):
            raise
        raise _broken() from fault


def _broken() -> FileRefused:
    return refused("broken_file", f"文件不完整或已损坏，打不开；{_SAVE_AGAIN}，或请对方重新发送。")


def _check_directory_size(content: bytes, limits: Limits) -> None:
    """Refuse by the end record alone, before the directory is loaded: it is what a bomb lies in."""
    place = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_557))
    if place < 0 or len(content) < place + 22:
        raise _broken()
    members, size, offset, comment = struct.unpack("<HLLH", content[place + 10 : place + 22])
    if members > limits.members or size > 400 * limits.members:
        raise refused(
            "too_many_members",
            f"文件内部包含的部件太多（超过 {limits.members} 个），不像正常的表格；{_SAVE_AGAIN}。",
        )
    if place + 22 + comment != len(content) or offset + size != place:
        raise refused("polyglot", f"文件头尾夹带了多余内容，不像正常的表格；{_SAVE_AGAIN}。")


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = [member.orig_filename for member in members]
    if len(set(names)) != len(names):
        raise refused("duplicate_member", f"文件内部有重名部件，不像正常的表格；{_SAVE_AGAIN}。")
    for name in names:
        if re.search(r"^/|^[A-Za-z]:|\\|[\x00-\x1f]", name) or ".." in name.split("/"):
            raise refused("unsafe_member", f"文件内部有越界路径，可能被动过手脚；{_SAVE_AGAIN}。")
    if any(member.flag_bits & 1 for member in members):
        raise refused("password", "文件有打开密码，请取消密码、另存后再上传。")
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        size = limits.unpacked_bytes // 1_000_000
        raise refused("unpacked_too_big", f"文件展开后超过 {size} MB，请只保留要上传的行，或拆成几个文件。")


_MAIN_PARTS = {
    Format.XLSX: ("spreadsheetml.sheet.main+xml",),
    Format.XLSB: ("ms-excel.sheet.binary.macroEnabled.main",),
    Format.DOCX: ("wordprocessingml.document.main+xml",),
}


# Only of a part that is there: libraries declare types for every extension that might come.
_MACROS_DECLARED = re.compile(r"<(?:\w+:)?Override\b[^>]*macroEnabled")


def _check_purpose(archive: zipfile.ZipFile, form: Format) -> None:
    """Refuse an archive that is another kind of document than its name says, or that carries macros."""
    names = set(archive.namelist())
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        raise refused("macro", f"文件里带有宏，不能上传；{_SAVE_AGAIN}（不带宏）。")
    if form is Format.ODS:
        declared = _small_member(archive, "mimetype").strip()
        if declared != "application/vnd.oasis.opendocument.spreadsheet" or "content.xml" not in names:
            raise refused("content_mismatch", f"扩展名是 .ods，内容却不是 ODS 表格；{_SAVE_AGAIN}。")
        return
    types = _small_member(archive, "[Content_Types].xml")
    if _MACROS_DECLARED.search(types) and form is not Format.XLSB:
        raise refused("macro", f"文件里带有宏，不能上传；{_SAVE_AGAIN}（不带宏）。")
    part = _main_part(archive, types, _MAIN_PARTS[form][0])
    if part is None:
        raise refused(
            "content_mismatch", f"扩展名是 .{form}，内容却是另一种文件，请改回原来的扩展名，或{_SAVE_AGAIN}。"
        )
    if part not in names:
        raise refused("broken_file", f"文件里缺少正文部分，可能已损坏；{_SAVE_AGAIN}，或请对方重新发送。")


def _main_part(archive: zipfile.ZipFile, types: str, main: str) -> str | None:
    """Return the member of the main content type; None when the archive is another kind of document.

    Some programs name that type for all of .xml: then the relations of the archive tell which it is.
    """
    wanted = rf'ContentType="[^"]*{re.escape(main)}"'
    part = re.search(rf'PartName="/?([^"]+)"[^>]*{wanted}', types)
    part = part or re.search(rf'{wanted}[^>]*PartName="/?([^"]+)"', types)
    if part is None and re.search(
        rf'<Default[^>]*(?:Extension="xml"[^>]*{wanted}|{wanted}[^>]*Extension="xml")', types
    ):
        relations = re.findall('<[^>]*/officeDocument"[^>]*>', _small_member(archive, "_rels/.rels"))
        part = re.search('Target="/?([^"]+)"', relations[0]) if relations else None
    return part[1] if part else None


def _small_member(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as member:
        return member.read(1_000_000).decode("utf-8", "replace")
