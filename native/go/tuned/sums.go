package tuned

import (
	"slices"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// An entry names a point of a table and its sign: index<<1, plus one for the negated point. A table never has the point at
// infinity, which affine additions cannot tell from a point.
type entry = uint32

const (
	// pairBatch is how many additions share one inversion.
	pairBatch = 1024
	// chunkEntries is about how many entries a worker takes at once: their partial sums stay in its cache.
	chunkEntries = 8192
	// maxTablePoints keeps an index and a sign within an entry.
	maxTablePoints = 1 << 31
)

// kernel adds affine points in batches. It is for one goroutine at a time.
type kernel[P any] interface {
	// add writes source[a[i]] + source[b[i]] to target[out[i]] for i in [from, to), at most pairBatch pairs. It is false, and target is
	// of no use, when a pair has one x. The three lists have room for another batch after to; from to on it may be written to when
	// this is the last batch, and is read to know what comes next. Nothing is checked.
	add(target []P, out []uint32, source []P, a, b []entry, from, to int, last bool) bool
	// wipe clears what is left of the last additions.
	wipe()
}

// curve is what sums need of G1 or G2.
type curve[P any] struct {
	newKernel func() kernel[P]
	infinite  func(*P) bool
	negate    func(*P)
	sameX     func(p, q *P) bool
	equal     func(p, q *P) bool
	// key is the same for equal and for opposite points, and for no others.
	key func(p *P) [2 * fp.Bytes]byte
	// reduce makes coordinates canonical that a kernel has left below 2^256.
	reduce func(*P)
	// slow is the sum of any points whatever.
	slow func(table []P, entries []entry) P
	// powers is the sum of 2^i points[i].
	powers func(points []P) P
	// multiples writes 2^(window k) p to out[k].
	multiples func(out []P, p *P, window int)
	mutex     sync.Mutex
	free      []*adder[P] // the last used last
}

var g1 = &curve[bn254.G1Affine]{
	newKernel: func() kernel[bn254.G1Affine] { return newPairKernel() },
	infinite:  (*bn254.G1Affine).IsInfinity,
	negate:    func(p *bn254.G1Affine) { p.Y.Neg(&p.Y) },
	sameX:     func(p, q *bn254.G1Affine) bool { return p.X.Equal(&q.X) },
	equal:     func(p, q *bn254.G1Affine) bool { return p.Equal(q) },
	key: func(p *bn254.G1Affine) (key [2 * fp.Bytes]byte) {
		copy(key[:], p.X.Marshal())
		return key
	},
	reduce: func(p *bn254.G1Affine) {
		canonical(&p.X)
		canonical(&p.Y)
	},
	slow: func(table []bn254.G1Affine, entries []entry) (result bn254.G1Affine) {
		var sum bn254.G1Jac
		var point bn254.G1Affine
		for _, e := range entries {
			if point = table[e>>1]; e&1 == 1 {
				point.Y.Neg(&point.Y)
			}
			sum.AddMixed(&point)
		}
		return *result.FromJacobian(&sum)
	},
	powers: func(points []bn254.G1Affine) (result bn254.G1Affine) {
		var sum bn254.G1Jac
		for i := len(points) - 1; i >= 0; i-- {
			sum.DoubleAssign()
			sum.AddMixed(&points[i])
		}
		return *result.FromJacobian(&sum)
	},
	multiples: multiplesG1,
}

var g2 = &curve[bn254.G2Affine]{
	newKernel: func() kernel[bn254.G2Affine] { return newTwistKernel() },
	infinite:  (*bn254.G2Affine).IsInfinity,
	negate:    func(p *bn254.G2Affine) { p.Y.Neg(&p.Y) },
	sameX:     func(p, q *bn254.G2Affine) bool { return p.X.Equal(&q.X) },
	equal:     func(p, q *bn254.G2Affine) bool { return p.Equal(q) },
	key: func(p *bn254.G2Affine) [2 * fp.Bytes]byte {
		return [2 * fp.Bytes]byte(append(p.X.A0.Marshal(), p.X.A1.Marshal()...))
	},
	reduce: func(*bn254.G2Affine) {},
	slow: func(table []bn254.G2Affine, entries []entry) (result bn254.G2Affine) {
		var sum bn254.G2Jac
		var point bn254.G2Affine
		for _, e := range entries {
			if point = table[e>>1]; e&1 == 1 {
				point.Y.Neg(&point.Y)
			}
			sum.AddMixed(&point)
		}
		return *result.FromJacobian(&sum)
	},
	powers: func(points []bn254.G2Affine) (result bn254.G2Affine) {
		var sum bn254.G2Jac
		for i := len(points) - 1; i >= 0; i-- {
			sum.DoubleAssign()
			sum.AddMixed(&points[i])
		}
		return *result.FromJacobian(&sum)
	},
	multiples: multiplesG2,
}

// adder holds what one worker needs for sums.
type adder[P any] struct {
	kernel  kernel[P]
	a, b    []entry
	out     []uint32
	counts  []uint32
	slow    []int // groups to be added again
	buffers [2][]P
	used    [2]int // points of the buffers since they were wiped
	dirty   bool
}

func (c *curve[P]) adder() *adder[P] {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if last := len(c.free) - 1; last >= 0 {
		w := c.free[last]
		c.free[last] = nil
		c.free = c.free[:last]
		return w
	}
	return &adder[P]{kernel: c.newKernel()}
}

func (c *curve[P]) release(w *adder[P]) {
	w.dirty = true
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.free = append(c.free, w)
}

// wipe clears partial sums, which depend on secrets, of all adders that are not at work. Each proof ends with it.
func (c *curve[P]) wipe() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, w := range c.free {
		if !w.dirty {
			continue
		}
		for i := range w.buffers {
			clear(w.buffers[i][:w.used[i]])
			w.used[i] = 0
		}
		clear(w.a)
		clear(w.b)
		w.kernel.wipe()
		w.dirty = false
	}
}

func (c *curve[P]) load(target *P, table []P, e entry) {
	*target = table[e>>1]
	if e&1 == 1 {
		c.negate(target)
	}
}

// sums writes the sum of each group's points to out: group g has the entries from ends[g-1] to ends[g], the first group from
// first. The sum of an empty group, or one that cancels, is (0, 0).
//
// Pairs within a group are added until one point is left, all pairs of a round with shared inversions.
func (c *curve[P]) sums(w *adder[P], out, table []P, entries []entry, first uint32, ends []uint32) {
	if len(ends) == 0 {
		return
	}
	source, list := table, entries[first:ends[len(ends)-1]]
	w.counts = w.counts[:0]
	start := first
	for g, end := range ends {
		w.counts = append(w.counts, end-start)
		if end == start {
			var zero P
			out[g] = zero
		}
		start = end
	}
	identity := false
	limit := entry(len(table)) * 2
	at := func(i uint32) entry {
		if identity {
			return i << 1
		}
		return list[i]
	}
	for round := 0; ; round++ {
		buffer := &w.buffers[round&1]
		if len(*buffer) < len(list) {
			*buffer = make([]P, len(list)+len(list)/8)
		}
		if room := len(list)/2 + 2*pairBatch; len(w.a) < room {
			w.a, w.b, w.out = make([]entry, room), make([]entry, room), make([]uint32, room)
		}
		target, a, b, to := *buffer, w.a, w.b, w.out
		position, next, pairs := uint32(0), uint32(0), 0
		for g, count := range w.counts {
			switch count {
			case 0:
				continue
			case 1:
				c.load(&out[g], source, at(position))
				c.reduce(&out[g])
				w.counts[g] = 0
				position++
				continue
			}
			if identity {
				for i := position; i+1 < position+count; i += 2 {
					a[pairs], b[pairs], to[pairs] = i<<1, (i+1)<<1, next
					pairs++
					next++
				}
			} else {
				// The assembly checks no bounds.
				for i := position; i+1 < position+count; i += 2 {
					p, q := list[i], list[i+1]
					if p >= limit || q >= limit {
						panic("an entry out of bounds")
					}
					a[pairs], b[pairs], to[pairs] = p, q, next
					pairs++
					next++
				}
			}
			if count&1 == 1 {
				c.load(&target[next], source, at(position+count-1))
				next++
			}
			position += count
			w.counts[g] = (count + 1) / 2
		}
		if pairs == 0 {
			break
		}
		for i := 0; i < pairs; i += pairBatch {
			j := min(i+pairBatch, pairs)
			if !w.kernel.add(target, to, source, a, b, i, j, j == pairs) {
				c.resolve(w, target, source, i, j, j == pairs)
			}
		}
		w.used[round&1] = max(w.used[round&1], int(next))
		source, identity = target, true
		list = list[:next]
	}
	for _, g := range w.slow {
		start := first
		if g > 0 {
			start = ends[g-1]
		}
		out[g] = c.slow(table, entries[start:ends[g]])
	}
	w.slow = w.slow[:0]
}

// resolve makes the additions of a batch that has pairs with one x: equal points, whose sum is known at once, or a point and its
// negative. Infinity cannot stay among the sums: then the whole group is added again in the end. It happens when wires have equal or
// opposite points because they stand in the same rows, and hardly ever otherwise.
func (c *curve[P]) resolve(w *adder[P], target, source []P, from, to int, last bool) {
	type known struct {
		out   uint32
		point P
	}
	var sums []known
	good := -1
	var bad []int
	for i := from; i < to; i++ {
		var pair [2]P
		c.load(&pair[0], source, w.a[i])
		c.load(&pair[1], source, w.b[i])
		c.reduce(&pair[0])
		c.reduce(&pair[1])
		if !c.sameX(&pair[0], &pair[1]) {
			good = i
			continue
		}
		sum := c.slow(pair[:], []entry{0, 2})
		if c.infinite(&sum) {
			w.slow = append(w.slow, c.groupAt(w, w.out[i]))
			sum = pair[0] // any point
		}
		sums = append(sums, known{w.out[i], sum})
		bad = append(bad, i)
	}
	if good >= 0 {
		for _, i := range bad {
			w.a[i], w.b[i], w.out[i] = w.a[good], w.b[good], w.out[good]
		}
		if !w.kernel.add(target, w.out, source, w.a, w.b, from, to, last) {
			panic("no pair has one x")
		}
	}
	for _, s := range sums {
		target[s.out] = s.point
	}
}

// groupAt is the group whose sums of this round include a position.
func (c *curve[P]) groupAt(w *adder[P], position uint32) int {
	for g, count := range w.counts {
		if position < count {
			return g
		}
		position -= count
	}
	panic("a position without a group")
}

// groups are entries in groups with a weight each.
type groups struct {
	entries []entry
	ends    []uint32
	weights []uint32
	starts  [][]uint32 // by part: where the next entry of each weight goes
}

var groupBuffers sync.Pool // *groups

// weightedSum is the sum over all groups of weight times the group's points. Weights are 1 to 2^bits.
func (c *curve[P]) weightedSum(table []P, g *groups, bits int, workers int) (result P, err error) {
	partial := make([]P, len(g.ends))
	defer clear(partial)
	if err := c.groupSums(partial, table, g.entries, g.ends, workers); err != nil {
		return result, err
	}
	// A weight is high * 2^half + low. The sums by high and by low take two additions for each group; the rest is small.
	half := (bits + 1) / 2
	highs, lows := 1<<(bits-half), 1<<half-1
	byDigit := c.collect(partial, highs+lows, func(i int, add func(int)) {
		if high := int(g.weights[i] >> half); high > 0 {
			add(high - 1)
		}
		if low := int(g.weights[i]) & lows; low > 0 {
			add(highs + low - 1)
		}
	})
	digits := make([]P, len(byDigit.ends))
	defer clear(digits)
	if err := c.groupSums(digits, partial, byDigit.entries, byDigit.ends, workers); err != nil {
		return result, err
	}
	// The same for the binary digits of both.
	byBit := c.collect(digits, bits+1, func(i int, add func(int)) {
		value, shift := i+1, half
		if i >= highs {
			value, shift = i-highs+1, 0
		}
		for b := 0; value>>b > 0; b++ {
			if value>>b&1 == 1 {
				add(shift + b)
			}
		}
	})
	powers := make([]P, len(byBit.ends))
	defer clear(powers)
	if err := c.groupSums(powers, digits, byBit.entries, byBit.ends, 1); err != nil {
		return result, err
	}
	return c.powers(powers), nil
}

// collect lists points by the groups that member adds each finite one to.
func (c *curve[P]) collect(points []P, count int, member func(i int, add func(group int))) groups {
	result := groups{ends: make([]uint32, count)}
	for i := range points {
		if !c.infinite(&points[i]) {
			member(i, func(g int) { result.ends[g]++ })
		}
	}
	total := uint32(0)
	for g, n := range result.ends {
		result.ends[g] = total
		total += n
	}
	result.entries = make([]entry, total)
	for i := range points {
		if !c.infinite(&points[i]) {
			member(i, func(g int) {
				result.entries[result.ends[g]] = entry(i) << 1
				result.ends[g]++
			})
		}
	}
	return result
}

// groupSums is sums with several workers.
func (c *curve[P]) groupSums(out, table []P, entries []entry, ends []uint32, workers int) error {
	type chunk struct{ from, to int }
	var chunks []chunk
	size := uint32(chunkEntries)
	if workers > 1 {
		size = uint32(max(min(chunkEntries, len(entries)/(3*workers)), 1024))
	}
	from, start := 0, uint32(0)
	for g, end := range ends {
		if end-start >= size || g == len(ends)-1 {
			chunks = append(chunks, chunk{from, g + 1})
			from, start = g+1, end
		}
	}
	return parallel(workers, len(chunks), func(i int) {
		w := c.adder()
		defer c.release(w)
		part := chunks[i]
		first := uint32(0)
		if part.from > 0 {
			first = ends[part.from-1]
		}
		c.sums(w, out[part.from:part.to], table, entries, first, ends[part.from:part.to])
	})
}

// genericKernel adds pairs with vectors of field elements.
type genericKernel struct {
	x1, y1, dx, dy, inverse, product fp.Vector
}

func newGenericKernel() *genericKernel {
	k := new(genericKernel)
	for _, v := range []*fp.Vector{&k.x1, &k.y1, &k.dx, &k.dy, &k.inverse, &k.product} {
		*v = make(fp.Vector, pairBatch)
	}
	return k
}

func (k *genericKernel) wipe() {
	for _, v := range []fp.Vector{k.x1, k.y1, k.dx, k.dy, k.inverse, k.product} {
		clear(v)
	}
}

func (k *genericKernel) add(target []bn254.G1Affine, out []uint32, source []bn254.G1Affine, a, b []entry, from, to int, _ bool) bool {
	a, b, out = a[from:to], b[from:to], out[from:to]
	n := len(a)
	x1, y1, dx, dy := k.x1[:n], k.y1[:n], k.dx[:n], k.dy[:n]
	for i := range a {
		p, q := &source[a[i]>>1], &source[b[i]>>1]
		x1[i], y1[i], dx[i], dy[i] = p.X, p.Y, q.X, q.Y
		if a[i]&1 == 1 {
			y1[i].Neg(&y1[i])
		}
		if b[i]&1 == 1 {
			dy[i].Neg(&dy[i])
		}
	}
	dx.Sub(dx, x1)
	dy.Sub(dy, y1)
	inverse, product := k.inverse[:n], k.product[:n]
	if !invert(inverse, dx, product) {
		return false
	}
	// lambda = dy/dx; x3 = lambda^2 - 2 x1 - dx; y3 = lambda (x1 - x3) - y1
	lambda, x3 := inverse, product
	lambda.Mul(dy, inverse)
	x3.Mul(lambda, lambda)
	x3.Sub(x3, x1)
	x3.Sub(x3, x1)
	x3.Sub(x3, dx)
	x1.Sub(x1, x3)
	lambda.Mul(lambda, x1)
	lambda.Sub(lambda, y1)
	for i, o := range out {
		target[o].X, target[o].Y = x3[i], lambda[i]
	}
	return true
}

// invert writes 1/v to inverse, with one inversion for all, and uses product. It is false when an element is zero.
func invert(inverse, v, product fp.Vector) bool {
	const lanes = 32
	n := len(v)
	whole := n / lanes * lanes
	// Products of every lanes-th element, so that the long multiplications are vectors.
	var last fp.Vector
	if whole > 0 {
		copy(product[:lanes], v[:lanes])
		for i := lanes; i < whole; i += lanes {
			row := product[i : i+lanes]
			row.Mul(product[i-lanes:i], v[i:i+lanes])
		}
		last = product[whole-lanes : whole]
	}
	var prefix [2 * lanes]fp.Element
	count := 0
	accumulated := fp.One()
	for i := range last {
		prefix[count] = accumulated
		accumulated.Mul(&accumulated, &last[i])
		count++
	}
	for i := whole; i < n; i++ {
		prefix[count] = accumulated
		accumulated.Mul(&accumulated, &v[i])
		count++
	}
	if accumulated.IsZero() {
		return false
	}
	accumulated.Inverse(&accumulated)
	for i := n - 1; i >= whole; i-- {
		count--
		inverse[i].Mul(&accumulated, &prefix[count])
		accumulated.Mul(&accumulated, &v[i])
	}
	if whole == 0 {
		return true
	}
	var ends fp.Vector = make([]fp.Element, lanes)
	for i := lanes - 1; i >= 0; i-- {
		count--
		ends[i].Mul(&accumulated, &prefix[count])
		accumulated.Mul(&accumulated, &last[i])
	}
	for i := whole - lanes; i > 0; i -= lanes {
		row := inverse[i : i+lanes]
		row.Mul(ends, product[i-lanes:i])
		ends.Mul(ends, v[i:i+lanes])
	}
	copy(inverse[:lanes], ends)
	return true
}

// addSafely writes p[i] + q[i] to out[i] for any points, with shared inversions. The slices may be the same.
func (k *genericKernel) addSafely(out, p, q []bn254.G1Affine) {
	for len(out) > pairBatch {
		k.addSafely(out[:pairBatch], p[:pairBatch], q[:pairBatch])
		out, p, q = out[pairBatch:], p[pairBatch:], q[pairBatch:]
	}
	n := len(out)
	if n == 0 {
		return
	}
	x1, y1, dx, dy := k.x1[:n], k.y1[:n], k.dx[:n], k.dy[:n]
	// Of a doubling dx is 2y and dy 3x^2; x3 = lambda^2 - x1 - x2 in any case, so x2 is kept apart.
	x2 := make(fp.Vector, n)
	type exception struct {
		index int
		value bn254.G1Affine
	}
	var exceptions []exception
	for i := range out {
		x1[i], y1[i], x2[i] = p[i].X, p[i].Y, q[i].X
		switch {
		case p[i].IsInfinity():
			exceptions = append(exceptions, exception{i, q[i]})
			dx[i].SetOne()
		case q[i].IsInfinity():
			exceptions = append(exceptions, exception{i, p[i]})
			dx[i].SetOne()
		case !p[i].X.Equal(&q[i].X):
			dx[i].Sub(&q[i].X, &p[i].X)
			dy[i].Sub(&q[i].Y, &p[i].Y)
		case p[i].Y.Equal(&q[i].Y):
			dx[i].Double(&p[i].Y) // not zero: the group has odd order
			dy[i].Square(&p[i].X)
			var twice fp.Element
			twice.Double(&dy[i])
			dy[i].Add(&dy[i], &twice)
		default:
			exceptions = append(exceptions, exception{i, bn254.G1Affine{}})
			dx[i].SetOne()
		}
	}
	inverse, product := k.inverse[:n], k.product[:n]
	invert(inverse, dx, product)
	lambda, x3 := inverse, product
	lambda.Mul(dy, inverse)
	x3.Mul(lambda, lambda)
	x3.Sub(x3, x1)
	x3.Sub(x3, x2)
	x1.Sub(x1, x3)
	lambda.Mul(lambda, x1)
	lambda.Sub(lambda, y1)
	for i := range out {
		out[i].X, out[i].Y = x3[i], lambda[i]
	}
	for _, e := range exceptions {
		out[e.index] = e.value
	}
}

func negated(points []bn254.G1Affine) []bn254.G1Affine {
	result := slices.Clone(points)
	for i := range result {
		result[i].Y.Neg(&result[i].Y)
	}
	return result
}
