package tuned

import "github.com/consensys/gnark-crypto/ecc/bn254"

// twistKernel adds pairs of points of G2.
type twistKernel struct {
	// Each as the x of a point, because gnark-crypto exports no name for elements of Fp2.
	dx, prefix []bn254.G2Affine
}

func newTwistKernel() *twistKernel {
	return &twistKernel{make([]bn254.G2Affine, pairBatch), make([]bn254.G2Affine, pairBatch)}
}

func (k *twistKernel) wipe() {
	clear(k.dx)
	clear(k.prefix)
}

func (k *twistKernel) add(target []bn254.G2Affine, out []uint32, source []bn254.G2Affine, a, b []entry, from, to int, _ bool) bool {
	a, b, out = a[from:to], b[from:to], out[from:to]
	var accumulated, inverse, lambda, t bn254.G2Affine
	accumulated.X.SetOne()
	for i := range a {
		d := &k.dx[i]
		d.X.Sub(&source[b[i]>>1].X, &source[a[i]>>1].X)
		k.prefix[i].X = accumulated.X
		accumulated.X.Mul(&accumulated.X, &d.X)
	}
	if accumulated.X.IsZero() {
		return false
	}
	accumulated.X.Inverse(&accumulated.X)
	for i := len(a) - 1; i >= 0; i-- {
		p, q := &source[a[i]>>1], &source[b[i]>>1]
		py, qy := p.Y, q.Y
		if a[i]&1 == 1 {
			py.Neg(&py)
		}
		if b[i]&1 == 1 {
			qy.Neg(&qy)
		}
		inverse.X.Mul(&accumulated.X, &k.prefix[i].X)
		accumulated.X.Mul(&accumulated.X, &k.dx[i].X)
		lambda.X.Sub(&qy, &py)
		lambda.X.Mul(&lambda.X, &inverse.X)
		t.X.Square(&lambda.X)
		t.X.Sub(&t.X, &p.X)
		t.X.Sub(&t.X, &q.X)
		t.Y.Sub(&p.X, &t.X)
		t.Y.Mul(&t.Y, &lambda.X)
		t.Y.Sub(&t.Y, &py)
		target[out[i]] = t
	}
	return true
}
