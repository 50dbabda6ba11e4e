package keys

import (
	"crypto/sha256"

	"google.golang.org/protobuf/encoding/protowire"

	"plimsoll.io/circuits"
)

// Statistics is a CircuitStatistics message: what a circuit costs, its kernel, and the digests that
// identify it before it has keys.
func Statistics(circuit *circuits.Circuit) ([]byte, error) {
	system, kernel, err := checkSystem(circuit.ConstraintSystem())
	if err != nil {
		return nil, err
	}
	encoded, err := encodeConstraintSystem(system)
	if err != nil {
		return nil, err
	}
	stats := circuit.Stats()
	var message []byte
	number := func(field protowire.Number, value uint64) {
		if value != 0 {
			message = protowire.AppendTag(message, field, protowire.VarintType)
			message = protowire.AppendVarint(message, value)
		}
	}
	data := func(field protowire.Number, value []byte) {
		message = protowire.AppendTag(message, field, protowire.BytesType)
		message = protowire.AppendBytes(message, value)
	}
	number(1, uint64(stats.Constraints))
	number(2, uint64(stats.Wires))
	number(3, uint64(stats.PublicInputs))
	number(4, uint64(stats.FFTSize))
	for _, decomposition := range stats.Decompositions {
		var inner []byte
		inner = protowire.AppendTag(inner, 1, protowire.VarintType)
		inner = protowire.AppendVarint(inner, uint64(decomposition.Node))
		inner = protowire.AppendTag(inner, 2, protowire.VarintType)
		inner = protowire.AppendVarint(inner, uint64(decomposition.Bits))
		inner = protowire.AppendTag(inner, 3, protowire.VarintType)
		inner = protowire.AppendVarint(inner, uint64(decomposition.Rows))
		data(5, inner)
	}
	number(6, uint64(kernel.Dimension))
	if len(kernel.Touched) > 0 {
		var packed []byte
		for _, input := range kernel.Touched {
			packed = protowire.AppendVarint(packed, uint64(input))
		}
		data(7, packed)
	}
	modelDigest := circuit.ModelDigest()
	data(8, modelDigest[:])
	layoutDigest := sha256.Sum256(circuit.Layout())
	data(9, layoutDigest[:])
	systemDigest := sha256.Sum256(encoded)
	data(10, systemDigest[:])
	number(11, uint64(stats.VerifyingKeyBytes))
	number(12, uint64(stats.ProvingKeyBytes))
	return message, nil
}

// modelName reads name and shape of a MarginModel message that has been parsed before.
func modelName(model []byte) (name string, shape []ShapeParameter, err error) {
	shape = []ShapeParameter{}
	err = eachField(model, func(field protowire.Number, value []byte, _ uint64) error {
		switch field {
		case 1:
			name = string(value)
		case 2:
			var parameter ShapeParameter
			shape = append(shape, parameter)
			return eachField(value, func(field protowire.Number, value []byte, number uint64) error {
				switch field {
				case 1:
					shape[len(shape)-1].Name = string(value)
				case 2:
					shape[len(shape)-1].Value = uint32(number)
				}
				return nil
			})
		}
		return nil
	})
	return name, shape, err
}

// eachField calls f with every field of a message: its bytes, or its varint.
func eachField(message []byte, f func(field protowire.Number, value []byte, number uint64) error) error {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if err := f(field, value, number); err != nil {
			return err
		}
	}
	return nil
}
