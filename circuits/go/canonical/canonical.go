// Package canonical writes the byte formats of docs/formats.md that Java and Go share.
package canonical

import (
	"crypto/sha256"
	"encoding/binary"
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
