package pictures

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"testing"
)

// Pictures that tests bring. What no encoder here makes is put together by
// hand.

// quarters has red, green, blue and white corners, in reading order.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, corners[x*2/w+y*2/h*2])
		}
	}
	return m
}

var corners = []color.RGBA{{220, 20, 20, 255}, {20, 200, 20, 255}, {20, 20, 220, 255}, {250, 250, 250, 255}}

// noisy is a picture that no encoder makes small.
func noisy(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	chance := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(chance.Uint32()) | 0xff*uint8(i%4/3)
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// segment is one of a JPEG.
func segment(marker byte, data string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(data)))
	return append(b, data...)
}

// withSegments puts segments behind the start of a JPEG.
func withSegments(in []byte, list ...[]byte) []byte {
	return append(append([]byte{0xff, 0xd8}, bytes.Join(list, nil)...), in[2:]...)
}

// exif is a TIFF file that says which way is up, and where it was.
func exif(order binary.AppendByteOrder, up uint16, where string) string {
	head := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = "MM\x00*"
	}
	b := order.AppendUint32([]byte(head), 8)
	b = order.AppendUint16(b, 2)
	for _, f := range [][2]uint16{{0x010f, 2}, {0x0112, 3}} { // the camera, and which way is up
		b = order.AppendUint16(order.AppendUint16(b, f[0]), f[1])
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(order.AppendUint16(b, up), 0)
	}
	return string(b) + "GPS " + where
}

// chunk is one of a PNG.
func chunk(name, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunks puts chunks behind the first of a PNG.
func withChunks(in []byte, list ...[]byte) []byte {
	const first = 8 + 12 + 13
	return append(append(bytes.Clone(in[:first]), bytes.Join(list, nil)...), in[first:]...)
}

// pngOf is the beginning of a PNG that says it is so large.
func pngOf(w, h uint32, depth, model byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", string(append(ihdr, depth, model, 0, 0, 0)))...)
	return append(append(b, chunk("IDAT", "x\x9c\x03\x00\x00\x00\x00\x01")...), chunk("IEND", "")...)
}

// webpOf is a WebP of chunks, each a name of four letters and its data.
func webpOf(list ...string) []byte {
	b := []byte("WEBP")
	for i := 0; i < len(list); i += 2 {
		b = binary.LittleEndian.AppendUint32(append(b, list[i]...), uint32(len(list[i+1])))
		b = append(append(b, list[i+1]...), make([]byte, len(list[i+1])%2)...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

// bits are written from the lowest on.
type bits struct {
	b []byte
	n int
}

func (w *bits) put(v, n uint32) {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v >> i & 1 << (w.n % 8))
		w.n++
	}
}

// plainVP8L is a picture of one colour, of any size, in 20 bytes: each of the
// five codes has one symbol, which takes no bits.
func plainVP8L(w, h int, c color.NRGBA) string {
	var out bits
	out.put(0x2f, 8)
	out.put(uint32(w-1), 14)
	out.put(uint32(h-1), 14)
	out.put(1, 1) // it may have holes
	out.put(0, 3+1+1+1)
	for _, symbol := range []uint8{c.G, c.R, c.B, c.A, 0} {
		out.put(1, 1+1)
		out.put(1, 1)
		out.put(uint32(symbol), 8)
	}
	return string(out.b)
}

// vp8x is the head of a longer WebP.
func vp8x(flags byte, w, h int) string {
	b := binary.LittleEndian.AppendUint32([]byte{flags, 0, 0, 0}, uint32(w-1))[:7]
	return string(binary.LittleEndian.AppendUint32(b, uint32(h-1))[:10])
}

// plainJPEG is a picture of one colour, with so many components, that is
// drawn in so many scans. Every code is one bit, 0.
func plainJPEG(w, h, components, scans int, progressive bool) []byte {
	sof, spectral := byte(0xc0), "\x00\x3f\x00"
	if progressive {
		sof, spectral = 0xc2, "\x00\x00\x00"
	}
	frame := string(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, uint16(h)), uint16(w))) + string(rune(components))
	scan := string(rune(components))
	for i := range components {
		frame += string(rune(i+1)) + "\x11\x00"
		scan += string(rune(i+1)) + "\x00"
	}
	b := []byte{0xff, 0xd8}
	if components == 4 {
		b = append(b, segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x00")...)
	}
	b = append(b, segment(0xdb, "\x00"+string(bytes.Repeat([]byte{1}, 64)))...)
	b = append(b, segment(sof, frame)...)
	table := "\x01" + string(make([]byte, 15)) + "\x00"
	b = append(b, segment(0xc4, "\x00"+table+"\x10"+table)...)
	each := 2 // bits of a block: its mean, and that there is no more
	if progressive {
		each = 1
	}
	pixels := make([]byte, (each*components*((w+7)/8)*((h+7)/8)+7)/8)
	for range scans {
		b = append(append(b, segment(0xda, scan+spectral)...), pixels...)
	}
	return append(b, 0xff, 0xd9)
}

// bombJPEG says that it is as large as a JPEG can be.
func bombJPEG() []byte {
	return bytes.Replace(plainJPEG(8, 8, 3, 1, false), []byte("\x08\x00\x08\x00\x08\x03"), []byte("\x08\xff\xff\xff\xff\x03"), 1)
}
