// Package testmodel has a small margin model for tests.
package testmodel

import "google.golang.org/protobuf/encoding/protowire"

// Attesters is the model's J_max.
const Attesters = 2

// Bytes of a MarginModel message: two positions and cash; marks and rates; equity = cash + sum of position x mark,
// requirement = sum of |position| x rate; asserts D x equity - N x requirement >= 0. One attester's
// position is within [-1000, 1000] and its cash within [-1000000, 1000000]; marks and rates are within [0, 1000].
func Bytes() []byte {
	var model message
	model = model.text(1, "test").
		bytes(2, message{}.text(1, "positions").number(2, 2)).
		number(3, Attesters).
		bytes(4, message{}.text(1, "position").text(2, "instrument").number(3, 2).signed(5, -1000).signed(6, 1000)).
		bytes(4, message{}.text(1, "cash").number(3, 1).signed(5, -1000000).signed(6, 1000000)).
		bytes(5, message{}.text(1, "mark").bytes(2, message{}.text(1, "instrument").number(2, 2)).signed(5, 1000)).
		bytes(5, message{}.text(1, "rate").bytes(2, message{}.text(1, "instrument").number(2, 2)).signed(5, 1000))
	const holding, coefficient, threshold, sum, product, magnitude = 2, 3, 4, 5, 6, 8
	nodes := []message{
		0:  message{}.always(holding, 0),
		1:  message{}.always(holding, 1),
		2:  message{}.always(holding, 2),
		3:  message{}.always(coefficient, 0),
		4:  message{}.always(coefficient, 1),
		5:  message{}.always(coefficient, 2),
		6:  message{}.always(coefficient, 3),
		7:  message{}.always(threshold, 1),
		8:  message{}.always(threshold, 2),
		9:  message{}.bytes(product, pair(0, 3)),
		10: message{}.bytes(product, pair(1, 4)),
		11: message{}.bytes(sum, terms(1, 2, 1, 9, 1, 10)),
		12: message{}.always(magnitude, 0),
		13: message{}.always(magnitude, 1),
		14: message{}.bytes(product, pair(12, 5)),
		15: message{}.bytes(product, pair(13, 6)),
		16: message{}.bytes(sum, terms(1, 14, 1, 15)),
		17: message{}.bytes(product, pair(8, 11)),
		18: message{}.bytes(product, pair(7, 16)),
		19: message{}.bytes(sum, terms(1, 17, -1, 18)),
	}
	for _, node := range nodes {
		model = model.bytes(6, node)
	}
	return model.
		bytes(7, message{}.text(1, "solvent").number(2, 19)).
		bytes(8, message{}.text(1, "equity").number(2, 11))
}

// message is a protobuf message in the one form that models are read in.
type message []byte

// number leaves zero out.
func (m message) number(field protowire.Number, value uint64) message {
	if value == 0 {
		return m
	}
	return m.always(field, value)
}

// always writes zero as well: members of a oneof.
func (m message) always(field protowire.Number, value uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), value)
}

func (m message) signed(field protowire.Number, value int64) message {
	return m.number(field, protowire.EncodeZigZag(value))
}

func (m message) text(field protowire.Number, value string) message {
	return m.bytes(field, []byte(value))
}

func (m message) bytes(field protowire.Number, value []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), value)
}

func pair(left, right uint64) message { return message{}.number(1, left).number(2, right) }

// terms takes coefficient (-128 to 127), node, coefficient, node and so on.
func terms(list ...int) message {
	var m message
	for i := 0; i < len(list); i += 2 {
		m = m.bytes(1, message{}.number(1, uint64(list[i+1])).bytes(2, []byte{byte(list[i])}))
	}
	return m.bytes(2, []byte{0})
}
