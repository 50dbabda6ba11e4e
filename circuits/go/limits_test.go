package circuits

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// withLimits makes circuits small for one test.
func withLimits(t *testing.T, rows, parts int) {
	oldRows, oldParts := maxRows, maxParts
	t.Cleanup(func() { maxRows, maxParts = oldRows, oldParts })
	maxRows, maxParts = rows, parts
}

func refusedAsTooLarge(t *testing.T, g *graph, what string) {
	t.Helper()
	m := g.model(t)
	for name, err := range map[string]error{
		"circuit":     func() error { _, err := Compile(m); return err }(),
		"observation": func() error { _, err := lower(m, true); return err }(),
	} {
		var refused *InvalidError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: error %v instead of one of %s", name, err, what)
		}
	}
}

// 16 bytes of model make hundreds of rows.
func TestModelWhoseCircuitHasTooManyRowsIsRefused(t *testing.T) {
	withLimits(t, 10_000, 1<<26)
	g := newGraph()
	q := g.vector("q", 4, -1<<60, 1<<60, "")
	x := g.product(g.product(q[0], q[1]), g.product(q[2], q[3]))
	for i := range 60 {
		g.assert(g.sum(0, -1, g.magnitude(g.sum(int64(i), 1, x))))
	}
	refusedAsTooLarge(t, g, "more than 10000 rows")
}

// Each link of the chain repeats all links before it, until it is long enough for a wire of its own.
func TestModelWhoseExpressionsGrowWithoutBoundIsRefused(t *testing.T) {
	withLimits(t, 1<<22, 100_000)
	g := newGraph()
	c := g.tensor("c", 1000, 0, 1)
	last := g.vector("q", 1, -5, 5, "")[0]
	for i := range 1000 {
		last = g.sum(0, 1, last, 1, c[i])
	}
	g.assert(last)
	refusedAsTooLarge(t, g, "more than 100000 terms")
}

func TestModelWithTooManyNodesOrBytesIsRefused(t *testing.T) {
	node := encoder{}.message(6, encoder{}.chosen(2, 0))
	for _, test := range []struct {
		bytes int
		what  string
	}{{maxModelBytes, fmt.Sprintf("at most %d nodes", maxNodes)}, {maxModelBytes + 1, "bytes, at most"}} {
		g := newGraph()
		g.vector("q", 1, -5, 5, "")
		g.nodes = nil
		data := g.bytes()
		for len(data)+len(node) <= test.bytes {
			data = append(data, node...)
		}
		data = append(data, make([]byte, test.bytes-len(data))...)
		if _, err := ParseModel(data); err == nil || !strings.Contains(err.Error(), test.what) {
			t.Errorf("%d bytes: %v", test.bytes, err)
		}
	}
}
