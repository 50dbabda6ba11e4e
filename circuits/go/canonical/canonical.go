// Package canonical writes and reads the byte formats of docs/formats.md that Java and Go share.
package canonical

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Writer builds a canonical message: a sequence of fields, each a 4-byte big-endian length and that many bytes.
type Writer struct{ data []byte }

// NewWriter starts a message with its tag.
func NewWriter(tag string) *Writer { return new(Writer).Text(tag) }

// Bytes appends a field.
func (w *Writer) Bytes(value []byte) *Writer {
	w.data = binary.BigEndian.AppendUint32(w.data, uint32(len(value)))
	w.data = append(w.data, value...)
	return w
}

// Text appends a text field. The caller vouches for its form.
func (w *Writer) Text(value string) *Writer { return w.Bytes([]byte(value)) }

// Digest appends a 32-byte field.
func (w *Writer) Digest(value [32]byte) *Writer { return w.Bytes(value[:]) }

// U32 appends a 4-byte unsigned field.
func (w *Writer) U32(value uint32) *Writer {
	return w.Bytes(binary.BigEndian.AppendUint32(nil, value))
}

// U8 appends a 1-byte field.
func (w *Writer) U8(value uint8) *Writer { return w.Bytes([]byte{value}) }

// I64 appends an 8-byte two's complement field.
func (w *Writer) I64(value int64) *Writer {
	return w.Bytes(binary.BigEndian.AppendUint64(nil, uint64(value)))
}

// Message is the bytes so far.
func (w *Writer) Message() []byte { return w.data }

// Sum is the SHA-256 of the bytes so far.
func (w *Writer) Sum() [32]byte { return sha256.Sum256(w.data) }

// ModelDigest is the digest of the bytes of a MarginModel message.
func ModelDigest(model []byte) [32]byte { return NewWriter("plimsoll/model/v1").Bytes(model).Sum() }

// CircuitID names a circuit: model, layout, constraint system, verifying key and setup ("development", or
// "ceremony:" and the SHA-256 of the ceremony's record in hex). Digests are SHA-256; modelDigest is ModelDigest.
func CircuitID(modelDigest, layoutDigest, csDigest, vkDigest [32]byte, setup string) [32]byte {
	return NewWriter("plimsoll/circuit/v1").Digest(modelDigest).Digest(layoutDigest).Digest(csDigest).
		Digest(vkDigest).Text(setup).Sum()
}

// maxTagBytes bounds every tag.
const maxTagBytes = 256

// Reader reads the fields of a canonical message until the first that is not as it must be: from then on every
// method gives zeros, and Err says what was wrong. Not safe for concurrent use.
type Reader struct {
	rest []byte
	err  error
}

// NewReader reads the tag. What it returns later are views of data.
func NewReader(data []byte, tag string) *Reader {
	r := &Reader{rest: data}
	if got := r.Bytes("tag", 0, maxTagBytes); r.err == nil && string(got) != tag {
		r.Fail("the tag is %.80q, not %q", got, tag)
	}
	return r
}

// Bytes reads a field of least to most bytes.
func (r *Reader) Bytes(field string, least, most int) []byte {
	if r.err != nil {
		return nil
	}
	if len(r.rest) < 4 {
		r.Fail("it ends before %s", field)
		return nil
	}
	length := uint64(binary.BigEndian.Uint32(r.rest))
	if length < uint64(least) || length > uint64(most) {
		r.Fail("%s has %d bytes, not %d to %d", field, length, least, most)
		return nil
	}
	if length > uint64(len(r.rest)-4) {
		r.Fail("it ends inside %s", field)
		return nil
	}
	value := r.rest[4 : 4+length]
	r.rest = r.rest[4+length:]
	return value
}

// Digest reads a 32-byte field.
func (r *Reader) Digest(field string) (digest [32]byte) {
	copy(digest[:], r.Bytes(field, 32, 32))
	return digest
}

// U8 reads a 1-byte field.
func (r *Reader) U8(field string) uint8 {
	if value := r.Bytes(field, 1, 1); r.err == nil {
		return value[0]
	}
	return 0
}

// U32 reads a 4-byte unsigned field.
func (r *Reader) U32(field string) uint32 {
	if value := r.Bytes(field, 4, 4); r.err == nil {
		return binary.BigEndian.Uint32(value)
	}
	return 0
}

// End requires that nothing follows.
func (r *Reader) End() error {
	if r.err == nil && len(r.rest) > 0 {
		r.Fail("%d bytes follow the last field", len(r.rest))
	}
	return r.err
}

// Fail makes the reader stop, unless it has stopped already.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// Err is why the reader stopped, or nil.
func (r *Reader) Err() error { return r.err }
