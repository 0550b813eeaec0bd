"""QR codes as pictures inside a page: nothing is fetched, nothing is stored."""


def qr_image(text: str) -> str:
    """Return a QR code of `text` as the address of an SVG picture (data:…), black on white.

    Error level M reads well from a badge behind plastic; the code grows with the text, so texts
    should be short.
    """
    import segno

    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=2, light="#fff"))
