package tuned

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// subsetBits is how many bit wires share one table of the sums of all their subsets.
const subsetBits = 4

// wide is a wire (or a row) with a table of multiples 2^(window k) P, k below windows. It stands in bundles as it is.
type wide struct{ wire, first, windows uint32 }

// subset is up to subsetBits bit wires with the table of all sums but the empty one: entry first + mask - 1. It stands in bundles as
// it is.
type subset struct {
	wires [subsetBits]uint32
	count uint32
	first uint32
}

// form is a linear form: wires to points. Per proof it is evaluated on the wires of classProof, per round and account on theirs.
type form[P any] struct {
	curve  *curve[P]
	window int
	table  []P
	// constant is what no input changes.
	constant []P       // one point
	wide     [3][]wide // by part
	rows     []wide    // of the quotient: wire is the row's index
	delta    []wide    // one
	// merged are proof wires whose points are equal up to sign, because they stand in the same rows: their values are added up first.
	// wire is the index of a group.
	merged  []wide
	groups  []uint32 // where each group of members ends
	members []uint32 // wire<<1, plus one for the negated value
	subsets []subset
}

// The parts of a form that are summed up apart.
const (
	partRound = iota
	partAccount
	partProof
)

func partOf(c class) int {
	switch c {
	case classRound:
		return partRound
	case classAccount:
		return partAccount
	default:
		return partProof
	}
}

// digits are entries with their weights, weight<<32 | entry, in no order. They are secret.
type digits []uint64

var digitBuffers sync.Pool // *digits

func newDigits() *digits {
	if d, ok := digitBuffers.Get().(*digits); ok {
		return d
	}
	return new(digits)
}

// release wipes the digits and keeps their memory.
func (d *digits) release() {
	clear(*d)
	*d = (*d)[:0]
	digitBuffers.Put(d)
}

// appendMultiple appends the entries of a value, in signed digits of the form's window.
func (f *form[P]) appendMultiple(d digits, w wide, limbs [4]uint64, negative bool) (digits, error) {
	size := uint(f.window)
	full := uint64(1) << size
	mask, half := full-1, full/2
	sign := uint64(0)
	if negative {
		sign = 1
	}
	e, end := uint64(w.first)<<1, uint64(w.first+w.windows)<<1
	carry := uint64(0)
	l0, l1, l2, l3 := limbs[0], limbs[1], limbs[2], limbs[3]
	for l0|l1|l2|l3|carry != 0 {
		digit := l0&mask + carry
		l0 = l0>>size | l1<<(64-size)
		l1 = l1>>size | l2<<(64-size)
		l2 = l2>>size | l3<<(64-size)
		l3 >>= size
		carry = 0
		flip := sign
		if digit > half {
			digit, carry, flip = full-digit, 1, sign^1
		}
		if digit != 0 {
			if e >= end {
				return d, fmt.Errorf("a value exceeds the %d windows of its table", w.windows)
			}
			d = append(d, digit<<32|e|flip)
		}
		e += 2
	}
	return d, nil
}

func (f *form[P]) appendWires(d digits, list []wide, wires fr.Vector) (digits, error) {
	var err error
	for _, w := range list {
		if wires[w.wire].IsZero() {
			continue
		}
		limbs, negative := magnitude(&wires[w.wire])
		if d, err = f.appendMultiple(d, w, limbs, negative); err != nil {
			return d, err
		}
	}
	return d, nil
}

// appendMerged is appendWires for a part of f.merged.
func (f *form[P]) appendMerged(d digits, list []wide, wires fr.Vector) (digits, error) {
	var err error
	for _, w := range list {
		from := uint32(0)
		if w.wire > 0 {
			from = f.groups[w.wire-1]
		}
		var sum fr.Element
		for _, m := range f.members[from:f.groups[w.wire]] {
			if m&1 == 1 {
				sum.Sub(&sum, &wires[m>>1])
			} else {
				sum.Add(&sum, &wires[m>>1])
			}
		}
		limbs, negative := magnitude(&sum)
		if d, err = f.appendMultiple(d, w, limbs, negative); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (f *form[P]) appendSubsets(d digits, wires fr.Vector) digits {
	for i := range f.subsets {
		s := &f.subsets[i]
		mask := uint32(0)
		for j := range s.count {
			if !wires[s.wires[j]].IsZero() {
				mask |= 1 << j
			}
		}
		if mask != 0 {
			d = append(d, 1<<32|uint64(s.first+mask-1)<<1)
		}
	}
	return d
}

// maxGroup splits a group that is so large that one worker would be left with it.
const maxGroup = 2048

// group sorts digits by weight, into g, whose memory is used again.
func (g *groups) group(parts []*digits, window, workers int) error {
	count := 1 << (window - 1)
	if err := parallel(workers, len(parts), func(i int) {
		starts := g.starts[i]
		clear(starts)
		for _, d := range *parts[i] {
			starts[d>>32]++
		}
	}); err != nil {
		return err
	}
	ends, weights := g.ends[:0], g.weights[:0]
	total := uint32(0)
	for w := 1; w <= count; w++ {
		start := total
		for i := range parts {
			s := g.starts[i]
			n := s[w]
			s[w] = total
			total += n
		}
		for start < total {
			start = min(start+maxGroup, total)
			ends, weights = append(ends, start), append(weights, uint32(w))
		}
	}
	g.ends, g.weights = ends, weights
	if cap(g.entries) < int(total) {
		g.entries = make([]entry, total+total/8)
	}
	g.entries = g.entries[:total]
	return parallel(workers, len(parts), func(i int) {
		next, entries := g.starts[i], g.entries
		for _, d := range *parts[i] {
			w := d >> 32
			entries[next[w]] = entry(d)
			next[w]++
		}
	})
}

// sum adds up digits.
func (f *form[P]) sum(parts []*digits, workers int) (result P, err error) {
	g, ok := groupBuffers.Get().(*groups)
	if !ok {
		g = new(groups)
	}
	defer func() {
		clear(g.entries)
		groupBuffers.Put(g)
	}()
	for len(g.starts) < len(parts) {
		g.starts = append(g.starts, nil)
	}
	for i := range parts {
		if cap(g.starts[i]) < 1<<(f.window-1)+1 {
			g.starts[i] = make([]uint32, 1<<(f.window-1)+1)
		}
		g.starts[i] = g.starts[i][:1<<(f.window-1)+1]
	}
	if err := g.group(parts, f.window, workers); err != nil {
		return result, err
	}
	return f.curve.weightedSum(f.table, g, f.window, workers)
}

// part is the form's value on the wires of a part.
func (f *form[P]) part(part int, wires fr.Vector, workers int) (result P, err error) {
	if len(f.wide[part]) == 0 {
		return result, nil
	}
	d := newDigits()
	defer d.release()
	if *d, err = f.appendWires(*d, f.wide[part], wires); err != nil {
		return result, err
	}
	return f.sum([]*digits{d}, workers)
}

// formBuilder makes the tables of a form.
type formBuilder[P any] struct {
	*form[P]
	bases  []P // of the wide ones, by position of their tables
	tables []wide
}

// chooseWindow is the window of least cost for a number of full scalars.
func chooseWindow(scalars int) int {
	best, cost := 2, 1<<62
	for window := 2; window <= 17; window++ {
		if c := scalars*((fr.Bits+window-1)/window) + 2<<(window-1); c < cost {
			best, cost = window, c
		}
	}
	return best
}

// windowsFor is how many windows a magnitude below 2^bits takes, with its carry. A field element's magnitude is below
// 2^(fr.Bits-1).
func windowsFor(bits, window int) uint32 { return uint32(bits/window + 1) }

func (b *formBuilder[P]) addWide(wire uint32, point *P, valueBits int) (w wide) {
	w = wide{wire: wire, first: uint32(len(b.table)), windows: windowsFor(valueBits, b.window)}
	var zero P
	for range w.windows {
		b.table = append(b.table, zero)
	}
	b.bases, b.tables = append(b.bases, *point), append(b.tables, w)
	return w
}

// addProof makes the tables of full-width wires, one for all whose points are equal or opposite.
func (b *formBuilder[P]) addProof(wires []uint32, points []P) {
	groups := map[[2 * fp.Bytes]byte][]int{}
	var order [][2 * fp.Bytes]byte
	for i := range wires {
		x := b.curve.key(&points[i])
		if groups[x] == nil {
			order = append(order, x)
		}
		groups[x] = append(groups[x], i)
	}
	for _, x := range order {
		group := groups[x]
		first := &points[group[0]]
		if len(group) == 1 {
			b.wide[partProof] = append(b.wide[partProof], b.addWide(wires[group[0]], first, fr.Bits-1))
			continue
		}
		for _, i := range group {
			sign := uint32(1)
			if b.curve.equal(&points[i], first) {
				sign = 0
			}
			b.members = append(b.members, wires[i]<<1|sign)
		}
		b.merged = append(b.merged, b.addWide(uint32(len(b.form.groups)), first, fr.Bits-1))
		b.form.groups = append(b.form.groups, uint32(len(b.members)))
	}
}

// addBits makes the subset tables of bit wires.
func (b *formBuilder[P]) addBits(wires []uint32, points []P) {
	for chunk := range slices.Chunk(indices(len(wires)), subsetBits) {
		bases := make([]P, len(chunk))
		s := subset{count: uint32(len(chunk)), first: uint32(len(b.table))}
		for i, j := range chunk {
			s.wires[i], bases[i] = wires[j], points[j]
		}
		sums := make([]P, 1<<len(chunk)-1)
		for mask := range sums {
			rest := uint(mask + 1)
			var entries []entry
			for ; rest != 0; rest &= rest - 1 {
				entries = append(entries, entry(bits.TrailingZeros(rest))<<1)
			}
			sums[mask] = b.curve.slow(bases, entries)
		}
		if slices.ContainsFunc(sums, func(p P) bool { return b.curve.infinite(&p) }) {
			// Points that cancel: a table cannot have the sum, so each wire stands alone.
			for i, j := range chunk {
				b.wide[partProof] = append(b.wide[partProof], b.addWide(wires[j], &bases[i], 1))
			}
			continue
		}
		b.table = append(b.table, sums...)
		b.subsets = append(b.subsets, s)
	}
}

func indices(n int) []int {
	result := make([]int, n)
	for i := range result {
		result[i] = i
	}
	return result
}

// finish fills the tables in.
func (b *formBuilder[P]) finish(workers int) error {
	if len(b.table) >= maxTablePoints {
		return fmt.Errorf("a table of %d points", len(b.table))
	}
	return parallel(workers, len(b.tables), func(i int) {
		w := b.tables[i]
		b.curve.multiples(b.table[w.first:w.first+w.windows], &b.bases[i], b.window)
	})
}

// multiplesG1 writes 2^(window k) p to out[k].
func multiplesG1(out []bn254.G1Affine, p *bn254.G1Affine, window int) {
	powers := make([]bn254.G1Jac, len(out))
	var q bn254.G1Jac
	q.FromAffine(p)
	for k := range powers {
		powers[k] = q
		for range window {
			q.DoubleAssign()
		}
	}
	copy(out, bn254.BatchJacobianToAffineG1(powers))
}

func multiplesG2(out []bn254.G2Affine, p *bn254.G2Affine, window int) {
	var q bn254.G2Jac
	q.FromAffine(p)
	for k := range out {
		out[k].FromJacobian(&q)
		for range window {
			q.DoubleAssign()
		}
	}
}
