package circuits

import "math/rand/v2"

// portfolioGraph is like a venue's portfolio margin: worst scenario, delta charge, gross charge by attested magnitudes,
// tiered haircuts, D * equity - N * requirement >= 0.
func portfolioGraph(instruments, scenarios, collaterals, tiers int) *graph {
	g := newGraph()
	g.attesters = 2
	position := g.vector("position", instruments, -10_000_000, 10_000_000, "")
	gross := g.vector("grossPosition", instruments, 0, 10_000_000, "position")
	collateral := g.vector("collateral", collaterals, 0, 1_000_000_000, "")
	cash := g.vector("cash", 1, -1_000_000_000_000, 1_000_000_000_000, "")[0]
	mark := g.tensor("mark", instruments, 0, 1<<40)
	delta := g.tensor("delta", instruments, -10_000, 10_000)
	rate := g.tensor("liquidityRate", instruments, 0, 10_000)
	change := g.tensor("scenarioValue", instruments*scenarios, -(1 << 40), 1<<40)
	deltaRate := g.tensor("deltaRate", 1, 0, 1<<30)[0]
	slope := g.tensor("haircutSlope", collaterals*tiers, 0, 1<<40)
	intercept := g.tensor("haircutIntercept", collaterals*tiers, 0, 1<<50)

	dot := func(a, b []uint32) uint32 {
		var terms []any
		for i := range a {
			terms = append(terms, 1, g.product(a[i], b[i]))
		}
		return g.sum(0, terms...)
	}
	tournament := func(nodes []uint32) uint32 {
		for len(nodes) > 1 {
			var next []uint32
			for i := 0; i+1 < len(nodes); i += 2 {
				next = append(next, g.maximum(nodes[i], nodes[i+1]))
			}
			if len(nodes)%2 == 1 {
				next = append(next, nodes[len(nodes)-1])
			}
			nodes = next
		}
		return nodes[0]
	}
	terms := []any{10_000, cash, 1, dot(mark, position)}
	for i := range collateral {
		var lines []uint32 // negated, as the envelope is a minimum
		for j := range tiers {
			lines = append(lines, g.sum(0, -1, g.product(slope[i*tiers+j], collateral[i]), -1, intercept[i*tiers+j]))
		}
		terms = append(terms, -1, tournament(lines))
	}
	equity := g.sum(0, terms...)
	losses := []uint32{g.constant(0)}
	for s := range scenarios {
		losses = append(losses, g.sum(0, -1, dot(change[s*instruments:(s+1)*instruments], position)))
	}
	requirement := g.sum(0, 1, tournament(losses),
		1, g.product(deltaRate, g.magnitude(dot(delta, position))), 1, dot(rate, gross))
	surplus := g.sum(0, 1, g.product(g.denominator(), equity), -1, g.product(g.numerator(), requirement))
	g.assert(surplus)
	return g
}

// solventInputs have so much cash that the surplus of a portfolioGraph is positive.
func solventInputs(m *Model, r *rand.Rand) (n, d uint64, coefficients, holdings []int64) {
	for {
		n, d, coefficients, holdings = randomInputs(r, m)
		n, d = 1+n%4, 1+d%4
		for i := range holdings {
			if v := find(m.holdings, i); v.name != "cash" {
				holdings[i] /= 1 << 16
			} else {
				holdings[i] = v.max
			}
		}
		if assertionsHold(m, evaluate(m, n, d, coefficients, holdings)) {
			return n, d, coefficients, holdings
		}
	}
}
