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
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	cs "github.com/consensys/gnark/constraint/bn254"
)

// A bundle is all that a proof needs as a file (docs/formats.md): the compiled solver, and the proving key's points with their tables. After a
// header come arrays as they stand in memory, each aligned to 64 bytes, so that the file is mapped and used in place. It is
// made from the keys, bound to them by the fingerprint, and made again when anything about it is wrong.
const (
	bundleMagic = "plimsoll/prover-bundle/v2\n"
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
		arraySection(&f.merged), arraySection(&f.groups), arraySection(&f.members),
	}
}

func (k *key) sections() []section {
	result := append(k.a.sections(), arraySection(&k.a.table))
	result = append(append(result, k.b.sections()...), arraySection(&k.b.table))
	result = append(append(result, k.b2.sections()...), arraySection(&k.b2.table))
	return append(append(result, k.k.sections()...), arraySection(&k.k.table))
}

func (p *program) sections() []section {
	return []section{
		arraySection(&p.terms), arraySection(&p.rows), arraySection(&p.steps), arraySection(&p.coefficients),
		arraySection(&p.class), arraySection(&p.bit),
	}
}

// numbers of a bundle, in this order.
const (
	numberDomain = iota
	numberWindows
	numberPublic = numberWindows + 4
	numberInputs = numberPublic + 1
	numberWires  = numberInputs + 1
	numberCount  = numberWires + 1
)

func bundleSections(numbers *[]uint64, p *program, k *key) []section {
	return append(append([]section{arraySection(numbers)}, p.sections()...), k.sections()...)
}

// encode writes the bundle's bytes.
func encode(out io.Writer, p *program, k *key, fingerprint [32]byte) error {
	numbers := []uint64{k.domain, uint64(k.a.window), uint64(k.b.window), uint64(k.b2.window), uint64(k.k.window),
		uint64(p.public), uint64(p.inputs), uint64(p.wires)}
	sections := bundleSections(&numbers, p, k)
	var parts [][]byte
	lengths := make([]byte, 0, 8*len(sections))
	for _, s := range sections {
		data := s.bytes()
		lengths = binary.LittleEndian.AppendUint64(lengths, uint64(len(data)))
		parts = append(parts, data, make([]byte, -len(data)&(alignment-1)))
	}
	lengths = append(lengths, make([]byte, -len(lengths)&(alignment-1))...)
	header := make([]byte, headerBytes)
	copy(header, bundleMagic)
	copy(header[64:], fingerprint[:])
	hash := sha256.New()
	hash.Write(header[:headerBytes-32])
	parts = append([][]byte{lengths}, parts...)
	for _, part := range parts {
		hash.Write(part)
	}
	copy(header[headerBytes-32:], hash.Sum(nil))
	for _, part := range append([][]byte{header}, parts...) {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// decode reads a bundle in place: program and key use the data. Everything that an index in it could reach is checked.
func decode(data []byte, fingerprint [32]byte) (*program, *key, error) {
	if len(data) < headerBytes || !bytes.Equal(data[:len(bundleMagic)], []byte(bundleMagic)) {
		return nil, nil, refused("it is none, or of another version")
	}
	if [32]byte(data[64:96]) != fingerprint {
		return nil, nil, refused("it is for other keys")
	}
	hash := sha256.New()
	hash.Write(data[:headerBytes-32])
	hash.Write(data[headerBytes:])
	if !bytes.Equal(hash.Sum(nil), data[headerBytes-32:headerBytes]) {
		return nil, nil, refused("its digest is wrong")
	}
	p, k := &program{}, &key{}
	k.a.curve, k.b.curve, k.b2.curve, k.k.curve = g1, g1, g2, g1
	var numbers []uint64
	sections := bundleSections(&numbers, p, k)
	data = data[headerBytes:]
	table := (8*len(sections) + alignment - 1) &^ (alignment - 1)
	if len(data) < table {
		return nil, nil, refused("it is truncated")
	}
	lengths := data[:table]
	data = data[table:]
	for i, s := range sections {
		length := binary.LittleEndian.Uint64(lengths[8*i:])
		padded := (length + alignment - 1) &^ (alignment - 1)
		if length > maxBundle || padded > uint64(len(data)) {
			return nil, nil, refused("section %d has %d bytes; %d are left", i, length, len(data))
		}
		if err := s.set(data[:length:length]); err != nil {
			return nil, nil, err
		}
		data = data[padded:]
	}
	if len(data) != 0 || len(numbers) != numberCount {
		return nil, nil, refused("its sections do not add up")
	}
	for _, n := range numbers {
		if n > 1<<31-1 {
			return nil, nil, refused("it has a number of %d", n)
		}
	}
	p.public, p.inputs, p.wires = int(numbers[numberPublic]), int(numbers[numberInputs]), int(numbers[numberWires])
	if err := p.check(); err != nil {
		return nil, nil, err
	}
	p.derive()
	k.domain = numbers[numberDomain]
	// The least that has room for the rows: a larger one costs memory before anything is proven.
	if k.domain < 2 || k.domain > 1<<28 || k.domain&(k.domain-1) != 0 || uint64(len(p.rows)) > k.domain ||
		k.domain > 2 && uint64(len(p.rows)) <= k.domain/2 {
		return nil, nil, refused("its domain has %d points", k.domain)
	}
	for i, window := range []*int{&k.a.window, &k.b.window, &k.b2.window, &k.k.window} {
		if numbers[numberWindows+i] < 2 || numbers[numberWindows+i] > 17 {
			return nil, nil, refused("a window has %d bits", numbers[numberWindows+i])
		}
		*window = int(numbers[numberWindows+i])
	}
	if err := errors.Join(k.a.check(p, validG1), k.b.check(p, validG1), k.b2.check(p, validG2), k.k.check(p, validG1)); err != nil {
		return nil, nil, err
	}
	if !k.b2.table[k.b2.delta[0].first].IsInSubGroup() {
		return nil, nil, refused("delta is not in its group")
	}
	return p, k, nil
}

// check makes sure that no index leaves its array and every number is one of its field.
func (p *program) check() error {
	if p.public < 2 || p.inputs < p.public || p.wires < p.inputs || len(p.class) != p.wires || len(p.bit) != p.wires || len(p.rows) == 0 {
		return refused("its solver has %d public wires, %d inputs, %d wires and %d rows", p.public, p.inputs, p.wires, len(p.rows))
	}
	for w := range p.class {
		if c := p.class[w]; p.bit[w] > 1 || c > classProof || c&(c-1) != 0 {
			return refused("wire %d is of no kind that there is", w)
		}
	}
	for i := range p.coefficients {
		if !reducedScalar(&p.coefficients[i]) {
			return refused("coefficient %d is no field element", i)
		}
	}
	for _, t := range p.terms {
		if uint64(t.wire) >= uint64(p.wires) || uint64(t.coefficient) >= uint64(len(p.coefficients)) {
			return refused("a term names wire %d and coefficient %d", t.wire, t.coefficient)
		}
	}
	for i := range p.rows {
		if r := &p.rows[i]; r.first > r.right || r.right > r.output || r.output > r.end || uint64(r.end) > uint64(len(p.terms)) {
			return refused("row %d leaves the terms", i)
		}
	}
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind >= stepKinds || s.first > s.end || uint64(s.end) > uint64(len(p.terms)) || uint64(s.row) >= uint64(len(p.rows)) ||
			uint64(s.wire)+uint64(s.count) > uint64(p.wires) || s.kind < stepCheck && s.count != 1 ||
			!reducedScalar(&s.scale) || !reducedScalar(&s.least) {
			return refused("step %d of its solver is none", i)
		}
		if s.kind > stepCheck && s.count == 0 {
			return refused("step %d of its solver solves nothing", i)
		}
		if err := s.check(); err != nil {
			return refused("step %d of its solver: %v", i, err)
		}
	}
	return nil
}

func reducedScalar(e *fr.Element) bool { return below((*[4]uint64)(e), &scalarModulus) }

// check makes sure that no index leaves its array and every point is on its curve.
func (f *form[P]) check(p *program, valid func(*P) bool) error {
	if len(f.constant) != 1 || len(f.delta) != 1 {
		return refused("a form has %d constants and %d deltas", len(f.constant), len(f.delta))
	}
	size := uint64(len(f.table))
	if size >= maxTablePoints {
		return refused("a table of %d points", size)
	}
	for _, list := range []struct {
		tables []wide
		limit  int
	}{{f.wide[0], p.wires}, {f.wide[1], p.wires}, {f.wide[2], p.wires}, {f.delta, p.wires}, {f.rows, len(p.rows)}, {f.merged, len(f.groups)}} {
		for _, w := range list.tables {
			if uint64(w.wire) >= uint64(list.limit) || uint64(w.first)+uint64(w.windows) > size {
				return refused("a table of wire %d is out of bounds", w.wire)
			}
		}
	}
	for i, end := range f.groups {
		if i > 0 && end < f.groups[i-1] || uint64(end) > uint64(len(f.members)) {
			return refused("a group of merged wires is out of bounds")
		}
	}
	for _, m := range f.members {
		if uint64(m>>1) >= uint64(p.wires) {
			return refused("a merged wire %d is out of bounds", m>>1)
		}
	}
	for _, s := range f.subsets {
		if s.count < 1 || s.count > subsetBits || uint64(s.first)+1<<s.count-1 > size {
			return refused("a table of subsets is out of bounds")
		}
		for _, w := range s.wires[:s.count] {
			if uint64(w) >= uint64(p.wires) || p.bit[w] == 0 {
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
	return f.checkDelta()
}

// checkDelta makes sure that the table of delta is one of multiples. The blinding of a proof is r times delta: from any other table, proofs
// might come that are accepted and hide nothing. No verification would show that, so it is checked here. Whether the point
// is delta at all shows in the verification.
func (f *form[P]) checkDelta() error {
	d := f.delta[0]
	if d.windows != windowsFor(fr.Bits-1, f.window) {
		return refused("the table of delta has %d windows", d.windows)
	}
	table := f.table[d.first : d.first+d.windows]
	multiples := make([]P, len(table))
	f.curve.multiples(multiples, &table[0], f.window)
	for i := range table {
		if !f.curve.equal(&table[i], &multiples[i]) {
			return refused("the table of delta has a wrong multiple")
		}
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

// Source is what a bundle is made from.
type Source struct {
	System *cs.R1CS
	Key    *groth16.ProvingKey
	Inputs Inputs
}

// Open makes a prover from the bundle in a file, mapped into memory; when there is none or it is refused, it prepares the key anew
// and writes the bundle, if it can. The fingerprint stands for the constraint system and the proving key. source is called
// only when it is needed. note, which may be nil, is told why a bundle was not used or not written.
func Open(path string, fingerprint [32]byte, source func() (*Source, error), note func(error)) (*Prover, error) {
	if note == nil {
		note = func(error) {}
	}
	prover, err := mapBundle(path, fingerprint)
	if err == nil {
		return prover, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		note(err)
	}
	made, err := source()
	if err != nil {
		return nil, err
	}
	prover, err = New(made.System, made.Key, made.Inputs)
	if err != nil {
		return nil, err
	}
	if err := writeBundle(path, prover.program, prover.key, fingerprint); err != nil {
		note(err)
		return prover, nil
	}
	// From the file, so that the memory is shared with other processes and needs no place on Go's heap.
	mapped, err := mapBundle(path, fingerprint)
	if err != nil {
		note(err)
		return prover, nil
	}
	return mapped, nil
}

func mapBundle(path string, fingerprint [32]byte) (*Prover, error) {
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
	p, k, err := decode(data, fingerprint)
	if err != nil {
		return nil, errors.Join(err, syscall.Munmap(data))
	}
	prover := newProver(p, k)
	prover.mapped = data
	return prover, nil
}

// writeBundle writes a file beside and renames it: a bundle that is mapped is never written to.
func writeBundle(path string, p *program, k *key, fingerprint [32]byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".bundle-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	if err := errors.Join(encode(file, p, k, fingerprint), file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Close forgets what the prover knows of rounds and accounts and gives the bundle's memory back. No proof may be in flight, and
// the prover cannot be used any more.
func (p *Prover) Close() error {
	p.rounds.wipe()
	p.accounts.wipe()
	p.key, p.program = nil, nil
	if p.mapped == nil {
		return nil
	}
	data := p.mapped
	p.mapped = nil
	return syscall.Munmap(data)
}
