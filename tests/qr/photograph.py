"""What a phone's camera makes of a code: turned, seen from the side, out of focus, badly lit, noisy, and saved as JPEG."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops, ImageFilter


@dataclass(frozen=True)
class Shot:
    """How a picture was taken: degrees, how much farther away the far edge is, pixels of blur, darkest light (of 255), noise
    of the sensor, JPEG quality."""

    angle: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    darkest: int = 255
    noise: float = 0.0
    quality: int = 95


ROADS = {
    "turned": Shot(angle=17),
    "upside down": Shot(angle=183),
    "from the side": Shot(tilt=0.5),
    "out of focus": Shot(blur=2.0),
    "half in shadow": Shot(darkest=60),
    "by night": Shot(darkest=90, noise=35),
    "sent by a messenger": Shot(quality=12),
    "everything at once": Shot(angle=-11, tilt=0.3, blur=1.2, darkest=110, noise=18, quality=45),
}


def take(picture: Image.Image, shot: Shot) -> Image.Image:
    """Photograph a drawing that lies on a grey table."""
    seen = _on_a_table(picture.convert("L"))
    seen = _from_the_side(seen, shot.tilt)
    seen = seen.rotate(shot.angle, Image.Resampling.BICUBIC, expand=True, fillcolor=140)
    seen = seen.filter(ImageFilter.GaussianBlur(shot.blur))
    seen = ImageChops.multiply(seen, _light(seen.size, shot.darkest))
    if shot.noise:
        seen = Image.blend(seen, Image.effect_noise(seen.size, shot.noise * 4), 0.25)
    return _as_jpeg(seen, shot.quality)


def _on_a_table(picture: Image.Image) -> Image.Image:
    margin = picture.width // 6
    table = Image.new("L", (picture.width + 2 * margin, picture.height + 2 * margin), 140)
    table.paste(picture, (margin, margin))
    return table


def _from_the_side(picture: Image.Image, tilt: float) -> Image.Image:
    # A point of the photograph shows ((1 + zoom)·x + zoom/5·y, …) / (slope·x + slope/2·y + 1) of the drawing: the far edge
    # is shorter than the near one, and the zoom keeps the whole of it in sight.
    slope, zoom = tilt / max(picture.size), 1.2 * tilt
    coefficients = (1 + zoom, zoom / 5, 0.0, zoom / 7, 1 + zoom, 0.0, slope, slope / 2)
    return picture.transform(
        picture.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=140
    )


def _light(size: tuple[int, int], darkest: int) -> Image.Image:
    # Light falls from one side, and a hard shadow lies over a corner.
    light = (
        Image.linear_gradient("L")
        .rotate(90)
        .resize(size)
        .point(lambda v: darkest + v * (255 - darkest) // 255)
    )
    corner = (size[0] // 2, size[1] // 2)
    light.paste(light.crop((0, 0, *corner)).point(lambda v: v * 3 // 4), (0, 0))
    return light


def _as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)
