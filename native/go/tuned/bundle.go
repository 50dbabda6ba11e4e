package tuned

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	cs "github.com/consensys/gnark/constraint/bn254"
)

// A bundle is a prepared key as a file (docs/formats.md): a header, then arrays as they stand in memory, each aligned to 64 bytes,
// so that the file is mapped and used in place. It is a cache: made from the keys, bound to them by the fingerprint, and made
// again when anything about it is wrong.
const (
	bundleMagic = "plimsoll/prover-bundle/v1\n"
	alignment   = 64
	headerBytes = 256
	maxBundle   = 8 << 30
)

// BundleError says why a bundle is not used.
type BundleError struct{ Reason string }

func (e *BundleError) Error() string { return "prover bundle refused: " + e.Reason }

func refused(format string, arguments ...any) error {
	return &BundleError{fmt.Sprintf(format, arguments...)}
}

// raw is an array's bytes. T has no pointers.
func raw[T any](array []T) []byte {
	if len(array) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&array[0])), len(array)*int(unsafe.Sizeof(array[0])))
}

// view is bytes as an array, or an error when they are no whole number of elements. T has no pointers, and any bytes are one.
func view[T any](data []byte) ([]T, error) {
	var element T
	size := int(unsafe.Sizeof(element))
	if len(data)%size != 0 {
		return nil, refused("%d bytes are no whole number of elements of %d", len(data), size)
	}
	if len(data) == 0 {
		return nil, nil
	}
	if uintptr(unsafe.Pointer(&data[0]))%unsafe.Alignof(element) != 0 {
		return nil, refused("a section is not aligned")
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&data[0])), len(data)/size), nil
}

// section is an array to write, or to read into.
type section struct {
	bytes func() []byte
	set   func([]byte) error
}

func arraySection[T any](array *[]T) section {
	return section{
		func() []byte { return raw(*array) },
		func(data []byte) (err error) {
			*array, err = view[T](data)
			return err
		},
	}
}

func (f *form[P]) sections() []section {
	return []section{
		arraySection(&f.constant), arraySection(&f.wide[partRound]), arraySection(&f.wide[partAccount]),
		arraySection(&f.wide[partProof]), arraySection(&f.rows), arraySection(&f.delta), arraySection(&f.subsets),
	}
}

func (k *key) sections(numbers *[]uint64) []section {
	result := []section{arraySection(numbers)}
	result = append(append(result, k.a.sections()...), arraySection(&k.a.table))
	result = append(append(result, k.b.sections()...), arraySection(&k.b.table))
	result = append(append(result, k.b2.sections()...), arraySection(&k.b2.table))
	return append(append(result, k.k.sections()...), arraySection(&k.k.table))
}

// encode writes the bundle's bytes but for the digest, which covers what follows it.
func (k *key) encode(out io.Writer, fingerprint [32]byte) error {
	numbers := []uint64{k.domain, uint64(k.a.window), uint64(k.b.window), uint64(k.b2.window), uint64(k.k.window)}
	sections := k.sections(&numbers)
	var body []byte
	lengths := make([]byte, 0, 8*len(sections))
	for _, s := range sections {
		data := s.bytes()
		lengths = binary.LittleEndian.AppendUint64(lengths, uint64(len(data)))
		body = append(body, data...)
		body = append(body, make([]byte, -len(body)&(alignment-1))...)
	}
	lengths = append(lengths, make([]byte, -len(lengths)&(alignment-1))...)
	header := make([]byte, headerBytes)
	copy(header, bundleMagic)
	copy(header[64:], fingerprint[:])
	hash := sha256.New()
	hash.Write(header[:headerBytes-32])
	hash.Write(lengths)
	hash.Write(body)
	copy(header[headerBytes-32:], hash.Sum(nil))
	for _, part := range [][]byte{header, lengths, body} {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// decode reads a bundle in place: the key uses the data. Everything that an index in it could reach is checked.
func decode(data []byte, fingerprint [32]byte, p *program) (*key, error) {
	if len(data) < headerBytes || !bytes.Equal(data[:len(bundleMagic)], []byte(bundleMagic)) {
		return nil, refused("it is none, or of another version")
	}
	if [32]byte(data[64:96]) != fingerprint {
		return nil, refused("it is for other keys")
	}
	hash := sha256.New()
	hash.Write(data[:headerBytes-32])
	hash.Write(data[headerBytes:])
	if !bytes.Equal(hash.Sum(nil), data[headerBytes-32:headerBytes]) {
		return nil, refused("its digest is wrong")
	}
	k := &key{}
	k.a.curve, k.b.curve, k.b2.curve, k.k.curve = g1, g1, g2, g1
	var numbers []uint64
	sections := k.sections(&numbers)
	data = data[headerBytes:]
	table := (8*len(sections) + alignment - 1) &^ (alignment - 1)
	if len(data) < table {
		return nil, refused("it is truncated")
	}
	lengths := data[:table]
	data = data[table:]
	for i, s := range sections {
		length := binary.LittleEndian.Uint64(lengths[8*i:])
		padded := (length + alignment - 1) &^ (alignment - 1)
		if length > maxBundle || padded > uint64(len(data)) {
			return nil, refused("section %d has %d bytes; %d are left", i, length, len(data))
		}
		if err := s.set(data[:length:length]); err != nil {
			return nil, err
		}
		data = data[padded:]
	}
	if len(data) != 0 || len(numbers) != 5 {
		return nil, refused("its sections do not add up")
	}
	k.domain = numbers[0]
	if k.domain < 2 || k.domain > 1<<28 || k.domain&(k.domain-1) != 0 || uint64(len(p.rows)) > k.domain {
		return nil, refused("its domain has %d points", k.domain)
	}
	for i, window := range []*int{&k.a.window, &k.b.window, &k.b2.window, &k.k.window} {
		if numbers[1+i] < 2 || numbers[1+i] > 17 {
			return nil, refused("a window has %d bits", numbers[1+i])
		}
		*window = int(numbers[1+i])
	}
	if err := errors.Join(k.a.check(p, validG1), k.b.check(p, validG1), k.b2.check(p, validG2), k.k.check(p, validG1)); err != nil {
		return nil, err
	}
	return k, nil
}

// check makes sure that no index leaves its array and every point is on its curve.
func (f *form[P]) check(p *program, valid func(*P) bool) error {
	if len(f.constant) != 1 || len(f.delta) != 1 {
		return refused("a form has %d constants and %d deltas", len(f.constant), len(f.delta))
	}
	size := uint64(len(f.table))
	if size >= maxTablePoints {
		return refused("a table of %d points", size)
	}
	for _, list := range [][]wide{f.wide[0], f.wide[1], f.wide[2], f.delta, f.rows} {
		for _, w := range list {
			limit := p.wires
			if len(f.rows) > 0 && &list[0] == &f.rows[0] {
				limit = len(p.rows)
			}
			if uint64(w.wire) >= uint64(limit) || uint64(w.first)+uint64(w.windows) > size {
				return refused("a table of wire %d is out of bounds", w.wire)
			}
		}
	}
	for _, s := range f.subsets {
		if s.count < 1 || s.count > subsetBits || uint64(s.first)+1<<s.count-1 > size {
			return refused("a table of subsets is out of bounds")
		}
		for _, w := range s.wires[:s.count] {
			if uint64(w) >= uint64(p.wires) || !p.bit[w] {
				return refused("wire %d of a table of subsets is no bit", w)
			}
		}
	}
	const part = 4096
	bad := make([]bool, len(f.table)/part+1)
	if err := parallel(runtime.GOMAXPROCS(0), len(bad), func(i int) {
		for j := i * part; j < min((i+1)*part, len(f.table)); j++ {
			bad[i] = bad[i] || !valid(&f.table[j])
		}
	}); err != nil {
		return err
	}
	for _, b := range bad {
		if b {
			return refused("a point is not on its curve")
		}
	}
	if !f.curve.infinite(&f.constant[0]) && !valid(&f.constant[0]) {
		return refused("a constant is not on its curve")
	}
	return nil
}

// validG1 is for limbs that may be anything: reduced, on the curve, and finite.
func validG1(p *bn254.G1Affine) bool {
	return reduced(&p.X) && reduced(&p.Y) && !p.IsInfinity() && p.IsOnCurve()
}

func validG2(p *bn254.G2Affine) bool {
	return reduced(&p.X.A0) && reduced(&p.X.A1) && reduced(&p.Y.A0) && reduced(&p.Y.A1) && !p.IsInfinity() && p.IsOnCurve()
}

func reduced(e *fp.Element) bool {
	for i := 3; i >= 0; i-- {
		if e[i] != fpModulus[i] {
			return e[i] < fpModulus[i]
		}
	}
	return false
}

// canonical reduces a value below 2^256.
func canonical(e *fp.Element) {
	for !reduced(e) {
		var borrow uint64
		for i := range e {
			e[i], borrow = bits.Sub64(e[i], fpModulus[i], borrow)
		}
	}
}

var fpModulus = func() (limbs [4]uint64) {
	for i, word := range fp.Modulus().Bits() {
		limbs[i] = uint64(word)
	}
	return limbs
}()

// Open makes a prover from the bundle in a file, mapped into memory; when there is none or it is refused, it prepares the key anew
// and writes the bundle, if it can. The fingerprint stands for the constraint system and the proving key. provingKey is
// called only when it is needed. note, which may be nil, is told why a bundle was not used or not written.
func Open(path string, fingerprint [32]byte, system *cs.R1CS, inputs Inputs, provingKey func() (*groth16.ProvingKey, error),
	note func(error)) (*Prover, error) {
	if note == nil {
		note = func(error) {}
	}
	p, err := compileInputs(system, inputs)
	if err != nil {
		return nil, err
	}
	prover, err := mapBundle(path, fingerprint, p)
	if err == nil {
		return prover, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		note(err)
	}
	pk, err := provingKey()
	if err != nil {
		return nil, err
	}
	k, err := prepare(p, pk, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	if err := writeBundle(path, k, fingerprint); err != nil {
		note(err)
		return newProver(p, k), nil
	}
	// From the file, so that the memory is shared with other processes and needs no place on Go's heap.
	if prover, err = mapBundle(path, fingerprint, p); err != nil {
		note(err)
		return newProver(p, k), nil
	}
	return prover, nil
}

func mapBundle(path string, fingerprint [32]byte, p *program) (*Prover, error) {
	// Without O_NONBLOCK, opening a pipe would wait for a writer.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() < headerBytes || info.Size() > maxBundle {
		return nil, refused("no regular file of %d to %d bytes", headerBytes, int64(maxBundle))
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	k, err := decode(data, fingerprint, p)
	if err != nil {
		return nil, errors.Join(err, syscall.Munmap(data))
	}
	prover := newProver(p, k)
	prover.mapped = data
	return prover, nil
}

// writeBundle writes a file beside and renames it: a bundle that is mapped is never written to.
func writeBundle(path string, k *key, fingerprint [32]byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".bundle-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	if err := errors.Join(k.encode(file, fingerprint), file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Close forgets what the prover knows of rounds and accounts and gives the bundle's memory back. No proof may be in flight, and
// the prover cannot be used any more.
func (p *Prover) Close() error {
	p.rounds.wipe()
	p.accounts.wipe()
	p.key = nil
	if p.mapped == nil {
		return nil
	}
	data := p.mapped
	p.mapped = nil
	return syscall.Munmap(data)
}
