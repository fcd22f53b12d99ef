"""Writes measurements into sections of a page, and draws a plot."""


def write_section(folder, name, text):
    """Replaces the text between two marks in bench.md."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "bench.md"
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    if begin not in before:
        before += f"\n{begin}{end}"
    head, rest = before.split(begin, 1)
    _, tail = rest.split(end, 1)
    page.write_text(f"{head}{begin}{text}{end}{tail}", encoding="utf-8")


BAR, GAP, LEFT, WIDTH = 11, 10, 190, 420
COLOURS = ("#b7410e", "#9aa5b1", "#3e4c59", "#e0a458")
LEGEND, LETTER = 34, 7


def plot(rates):
    """Bars of rates, {task: {client: rate}}, each task on a scale of its own."""
    clients = list(dict.fromkeys(client for measured in rates.values() for client in measured))
    colours = dict(zip(clients, COLOURS, strict=False))
    shapes, x, y = [], LEFT, LEGEND
    for client in clients:
        shapes.append(f'<rect x="{x}" y="8" width="10" height="10" fill="{colours[client]}"/>')
        shapes.append(f'<text x="{x + 14}" y="17">{client}</text>')
        x += LEGEND + LETTER * len(client)
    for name, measured in rates.items():
        largest = max(measured.values())
        middle = y + BAR * len(measured) / 2 + 4
        shapes.append(f'<text x="{LEFT - 8}" y="{middle:g}" text-anchor="end">{name}</text>')
        for client, rate in measured.items():
            width = max(1, round(WIDTH * rate / largest))
            shapes.append(f'<rect x="{LEFT}" y="{y}" width="{width}" height="{BAR - 1}" fill="{colours[client]}"/>')
            shapes.append(f'<text x="{LEFT + width + 4}" y="{y + BAR - 2}" class="n">{rate:,.0f}/s</text>')
            y += BAR
        y += GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 80}" height="{y}" '
        'font-family="sans-serif" font-size="12">\n<style>.n{font-size:10px}</style>\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )
