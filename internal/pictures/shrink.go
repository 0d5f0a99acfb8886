package pictures

import (
	"image"

	"golang.org/x/image/draw"
)

// shrink brings a picture to at most Side. A large one is first made smaller
// by a whole factor, a few rows at a time, so that the fine scaling, which
// takes 32 bytes a pixel, has no more than twice Side to work on.
func shrink(m image.Image) *image.RGBA {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	small := coarse(m, max(1, max(w, h)/Side))
	if max(w, h) <= Side {
		return small
	}
	tw, th := Side, Side
	if w > h {
		th = max(1, (h*Side+w/2)/w)
	} else {
		tw = max(1, (w*Side+h/2)/h)
	}
	if small.Rect.Dx() == tw && small.Rect.Dy() == th {
		return small
	}
	fine := image.NewRGBA(image.Rect(0, 0, tw, th))
	draw.CatmullRom.Scale(fine, fine.Rect, small, small.Rect, draw.Src, nil)
	return fine
}

// coarse makes one pixel of each k times k; of fewer at the far edges.
func coarse(m image.Image, k int) *image.RGBA {
	from := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, (from.Dx()+k-1)/k, (from.Dy()+k-1)/k))
	if k == 1 {
		draw.Draw(out, out.Rect, m, from.Min, draw.Src)
		return out
	}
	rows := image.NewRGBA(image.Rect(0, 0, from.Dx(), k))
	for y := range out.Rect.Dy() {
		high := min(k, from.Dy()-y*k)
		band := image.Rect(0, 0, from.Dx(), high)
		draw.Draw(rows, band, m, from.Min.Add(image.Pt(0, y*k)), draw.Src)
		average(out.Pix[y*out.Stride:], rows, k, high)
	}
	return out
}

// average fills one row of pixels with the means of a band of rows.
func average(into []uint8, rows *image.RGBA, k, high int) {
	for x := 0; x < rows.Rect.Dx(); x += k {
		wide := min(k, rows.Rect.Dx()-x)
		var sum [4]int
		for y := range high {
			for px := rows.Pix[y*rows.Stride+4*x:][:4*wide]; len(px) > 0; px = px[4:] {
				sum[0] += int(px[0])
				sum[1] += int(px[1])
				sum[2] += int(px[2])
				sum[3] += int(px[3])
			}
		}
		n := wide * high
		for c := range sum {
			into[x/k*4+c] = uint8((sum[c] + n/2) / n)
		}
	}
}

// turn brings a picture upright. Up is EXIF's orientation: 2 mirrored, 3 half
// round, 4 upside down mirrored, 5 to 8 the same lying on a side.
func turn(m *image.RGBA, up int) *image.RGBA {
	if up <= 1 || up > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if up >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch up {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(out.Pix[ty*out.Stride+4*tx:][:4], m.Pix[y*m.Stride+4*x:][:4])
		}
	}
	return out
}
