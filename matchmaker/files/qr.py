"""QR codes as pictures inside a page: nothing is fetched, nothing is stored."""

import io


def qr_image(text: str) -> str:
    """Return a QR code of `text` as the address of an SVG picture (data:…), black on white.

    Error level M reads well from a badge behind plastic; the code grows with the text, so texts
    should be short.
    """
    import segno

    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=2, light="#fff"))


def qr_png(text: str) -> bytes:
    """Return the same code as a PNG file, for documents that take no SVG."""
    import segno

    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="png", scale=6, border=2)
    return target.getvalue()
