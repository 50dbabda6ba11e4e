package circuits

import "math/big"

// evaluate is the meaning of a model without choices: the value of each node for given inputs, in plain integers.
func evaluate(m *Model, n, d uint64, coefficients, holdings []int64) []*big.Int {
	return evaluateChoices(m, n, d, coefficients, holdings, nil)
}

func evaluateChoices(m *Model, n, d uint64, coefficients, holdings, choices []int64) []*big.Int {
	values := make([]*big.Int, 0, len(m.nodes))
	bit := func(b bool) *big.Int {
		if b {
			return big.NewInt(1)
		}
		return new(big.Int)
	}
	for _, node := range m.nodes {
		v := new(big.Int)
		switch node.kind {
		case kindConstant:
			v.Set(node.constant)
		case kindHolding:
			v.SetInt64(holdings[node.a])
		case kindCoefficient:
			v.SetInt64(coefficients[node.a])
		case kindThreshold:
			v.SetUint64(n)
			if node.a == thresholdDenominator {
				v.SetUint64(d)
			}
		case kindChoice:
			v.SetInt64(choices[node.a])
		case kindSum:
			v.Set(node.constant)
			for _, t := range node.terms {
				v.Add(v, new(big.Int).Mul(t.coefficient, values[t.node]))
			}
		case kindProduct:
			v.Mul(values[node.a], values[node.b])
		case kindSign:
			v = bit(values[node.a].Sign() >= 0)
		case kindMagnitude:
			v.Abs(values[node.a])
		case kindNonZero:
			v = bit(values[node.a].Sign() != 0)
		case kindMaximum:
			v.Set(greatest(values[node.a], values[node.b]))
		case kindRoundDown:
			v.Sub(values[node.a], new(big.Int).Mod(values[node.a], node.constant)) // Mod is never negative
			v.Quo(v, node.constant)
		}
		values = append(values, v)
	}
	return values
}
