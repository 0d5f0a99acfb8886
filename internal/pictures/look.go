package pictures

import (
	"bytes"
	"encoding/binary"
)

type kind int

const (
	isJPEG kind = iota
	isPNG
	isWebP
)

// seen is what can be told of a picture without decoding it.
type seen struct {
	kind kind
	up   int // which way is up: EXIF's orientation, 1 (as it is) to 8
}

// look tells what a picture is by its bytes, whatever it is called. It
// refuses moving ones, and a JPEG that is drawn over more often than maxScans.
func look(in []byte) (seen, error) {
	s := seen{up: 1}
	var err error
	switch {
	case bytes.HasPrefix(in, []byte("\xff\xd8\xff")):
		s.kind = isJPEG
		s.up, err = lookJPEG(in)
	case bytes.HasPrefix(in, []byte("\x89PNG\r\n\x1a\n")):
		s.kind = isPNG
		s.up, err = lookPNG(in[8:])
	case len(in) >= 12 && string(in[:4]) == "RIFF" && string(in[8:12]) == "WEBP":
		s.kind = isWebP
		s.up, err = lookWebP(in[12:])
	case bytes.HasPrefix(in, []byte("GIF8")):
		return s, Animated
	default:
		return s, NotAPicture
	}
	return s, err
}

// lookJPEG walks over the segments. What it can't follow the decoder judges.
func lookJPEG(in []byte) (up int, err error) {
	up = 1
	scans := 0
	for i := 2; i+4 <= len(in); {
		if in[i] != 0xff || in[i+1] == 0 || in[i+1] == 0xff || in[i+1] >= 0xd0 && in[i+1] <= 0xd7 {
			next := bytes.IndexByte(in[i+1:], 0xff) // pixels, filling, restarts
			if next < 0 {
				return up, nil
			}
			i += 1 + next
			continue
		}
		marker, n := in[i+1], int(binary.BigEndian.Uint16(in[i+2:]))
		switch {
		case marker == 0xd9: // the end: what follows is no part of it
			return up, nil
		case marker == 0xd8 || marker == 0x01: // without a length
			i += 2
			continue
		case marker == 0xda:
			if scans++; scans > maxScans {
				return up, Broken
			}
		case marker == 0xe1 && scans == 0 && n >= 8 && i+2+n <= len(in):
			if exif, is := bytes.CutPrefix(in[i+4:i+2+n], []byte("Exif\x00\x00")); is {
				up = orientation(exif)
			}
		}
		i += 2 + max(n, 2)
	}
	return up, nil
}

// lookPNG walks over the chunks: length, name, data, checksum.
func lookPNG(in []byte) (up int, err error) {
	up = 1
	for len(in) >= 12 {
		n, name := binary.BigEndian.Uint32(in), string(in[4:8])
		if uint64(n)+12 > uint64(len(in)) || name == "IEND" {
			break
		}
		switch name {
		case "acTL":
			return up, Animated
		case "eXIf":
			up = orientation(in[8 : 8+n])
		}
		in = in[12+n:]
	}
	return up, nil
}

// lookWebP walks over the chunks: name, length, data, filled up to an even
// length.
func lookWebP(in []byte) (up int, err error) {
	up = 1
	for len(in) >= 8 {
		name, n := string(in[:4]), uint64(binary.LittleEndian.Uint32(in[4:]))
		in = in[8:]
		data := in[:min(n, uint64(len(in)))]
		switch {
		case name == "ANIM", name == "ANMF", name == "VP8X" && len(data) > 0 && data[0]&2 != 0:
			return up, Animated
		case name == "EXIF":
			up = orientation(bytes.TrimPrefix(data, []byte("Exif\x00\x00")))
		}
		in = in[min(n+n%2, uint64(len(in))):]
	}
	return up, nil
}

// orientation reads which way is up out of EXIF: a TIFF file, of whose first
// directory it is field 0x0112. 1 if it doesn't say so.
func orientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if len(tiff) < 8 {
		return 1
	}
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	fields := int(order.Uint16(tiff[at:]))
	dir := tiff[at+2:]
	for ; fields > 0 && len(dir) >= 12; fields-- {
		const short = 3
		if order.Uint16(dir) == 0x0112 && order.Uint16(dir[2:]) == short {
			if up := int(order.Uint16(dir[8:])); up >= 1 && up <= 8 {
				return up
			}
			return 1
		}
		dir = dir[12:]
	}
	return 1
}
