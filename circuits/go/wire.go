package circuits

import (
	"fmt"
	"math"
	"math/big"

	"google.golang.org/protobuf/encoding/protowire"
)

// InvalidError says what is wrong with bytes, a model or an input: which field, its value and the limit that it
// breaks. It never contains a holding or the blinding.
type InvalidError struct {
	// Field is the path of the field, for example "nodes[12].product.left".
	Field string
	// Problem names the value and the limit.
	Problem string
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Problem }

func invalid(field, format string, arguments ...any) error {
	return &InvalidError{Field: field, Problem: fmt.Sprintf(format, arguments...)}
}

// shape is how a field of a message may stand on the wire.
type shape uint8

const (
	shapeNumber       shape = iota + 1 // singular number, zero is left out
	shapeChosenNumber                  // member of a oneof: zero is written
	shapeBytes                         // singular string or bytes, empty is left out
	shapeMessage                       // singular message, or bytes in a oneof: may be empty
	shapeMessages                      // repeated message
)

func (s shape) wireType() protowire.Type {
	if s == shapeNumber || s == shapeChosenNumber {
		return protowire.VarintType
	}
	return protowire.BytesType
}

// message describes the fields of one message by number; index 0 is unused.
type message []struct {
	name  string
	shape shape
}

var (
	modelMessage = message{{}, {"name", shapeBytes}, {"shape", shapeMessages}, {"max_attesters", shapeNumber}, {"holdings", shapeMessages},
		{"round", shapeMessages}, {"nodes", shapeMessages}, {"assertions", shapeMessages}, {"outputs", shapeMessages},
		{"choices", shapeMessages}, {"constraints", shapeMessages}}
	shapeParameterMessage = message{{}, {"name", shapeBytes}, {"value", shapeNumber}}
	holdingVectorMessage  = message{{}, {"name", shapeBytes}, {"axis", shapeBytes}, {"length", shapeNumber}, {"scale", shapeNumber},
		{"min", shapeNumber}, {"max", shapeNumber}, {"magnitude_of", shapeBytes}}
	roundTensorMessage = message{{}, {"name", shapeBytes}, {"dimensions", shapeMessages}, {"scale", shapeNumber}, {"min", shapeNumber}, {"max", shapeNumber}}
	dimensionMessage   = message{{}, {"axis", shapeBytes}, {"length", shapeNumber}}
	nodeMessage        = message{{}, {"constant", shapeMessage}, {"holding", shapeChosenNumber}, {"coefficient", shapeChosenNumber},
		{"threshold", shapeChosenNumber}, {"sum", shapeMessage}, {"product", shapeMessage}, {"sign", shapeChosenNumber},
		{"magnitude", shapeChosenNumber}, {"non_zero", shapeChosenNumber}, {"maximum", shapeMessage},
		{"round_down", shapeMessage}, {"choice", shapeChosenNumber}}
	linearSumMessage    = message{{}, {"terms", shapeMessages}, {"constant", shapeBytes}}
	termMessage         = message{{}, {"node", shapeNumber}, {"coefficient", shapeBytes}}
	pairMessage         = message{{}, {"left", shapeNumber}, {"right", shapeNumber}}
	roundDownMessage    = message{{}, {"node", shapeNumber}, {"divisor", shapeBytes}}
	constraintMessage   = message{{}, {"name", shapeBytes}, {"node", shapeNumber}, {"relation", shapeNumber}}
	choiceTensorMessage = message{{}, {"name", shapeBytes}, {"dimensions", shapeMessages}, {"scale", shapeNumber}, {"max", shapeNumber}, {"because", shapeBytes}}
	namedNodeMessage    = message{{}, {"name", shapeBytes}, {"node", shapeNumber}, {"scale", shapeNumber}}
)

// fieldValue is one decoded field: number for varints, bytes for the rest (an alias of the input).
type fieldValue struct {
	path   string
	number uint64
	bytes  []byte
}

// visit decodes a message strictly: known fields in ascending order, singular ones at most once, default values left
// out, every varint minimal. So a message has one form.
func (m message) visit(path string, data []byte, visit func(field int, value fieldValue) error) error {
	last := 0
	for len(data) > 0 {
		number, wireType, n := protowire.ConsumeTag(data)
		if n < 0 {
			return invalid(path, "truncated or malformed field tag")
		}
		if n != protowire.SizeVarint(protowire.EncodeTag(number, wireType)) {
			return invalid(path, "field tag %d is not minimal", number)
		}
		data = data[n:]
		if int64(number) >= int64(len(m)) {
			return invalid(path, "unknown field %d, the last one known is %d", number, len(m)-1)
		}
		field := m[number]
		value := fieldValue{path: join(path, field.name)}
		if wireType != field.shape.wireType() {
			return invalid(value.path, "wire type %d instead of %d", wireType, field.shape.wireType())
		}
		if int(number) < last {
			return invalid(value.path, "field %d stands after field %d", number, last)
		}
		if int(number) == last && field.shape != shapeMessages {
			return invalid(value.path, "singular field stands twice")
		}
		last = int(number)
		if wireType == protowire.VarintType {
			value.number, n = protowire.ConsumeVarint(data)
			if n < 0 {
				return invalid(value.path, "truncated or malformed number")
			}
			if n != protowire.SizeVarint(value.number) {
				return invalid(value.path, "number %d is not encoded minimally", value.number)
			}
			if value.number == 0 && field.shape == shapeNumber {
				return invalid(value.path, "zero must be left out")
			}
		} else {
			var length uint64
			length, n = protowire.ConsumeVarint(data)
			if n < 0 || length > uint64(len(data)-n) {
				return invalid(value.path, "truncated or malformed field")
			}
			if n != protowire.SizeVarint(length) {
				return invalid(value.path, "length %d is not encoded minimally", length)
			}
			value.bytes = data[n : n+int(length)]
			n += int(length)
			if length == 0 && field.shape == shapeBytes {
				return invalid(value.path, "an empty value must be left out")
			}
		}
		data = data[n:]
		if err := visit(int(number), value); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (v fieldValue) uint32() (uint32, error) {
	if v.number > math.MaxUint32 {
		return 0, invalid(v.path, "%d is above 2^32 - 1", v.number)
	}
	return uint32(v.number), nil
}

func (v fieldValue) sint64() int64 { return protowire.DecodeZigZag(v.number) }

// text is 1 to 256 characters of printable ASCII.
func (v fieldValue) text() (string, error) {
	if len(v.bytes) > maxNameLength {
		return "", invalid(v.path, "%d bytes, at most %d are allowed", len(v.bytes), maxNameLength)
	}
	for i, c := range v.bytes {
		if c < 0x20 || c > 0x7e {
			return "", invalid(v.path, "byte %#x at position %d is no printable ASCII", c, i)
		}
	}
	return string(v.bytes), nil
}

// integer reads minimal big-endian two's complement with an absolute value below 2^250.
func (v fieldValue) integer() (*big.Int, error) {
	data := v.bytes
	if len(data) == 0 || len(data) > 32 {
		return nil, invalid(v.path, "an integer has 1 to 32 bytes, not %d", len(data))
	}
	if len(data) > 1 && (data[0] == 0 && data[1] < 0x80 || data[0] == 0xff && data[1] >= 0x80) {
		return nil, invalid(v.path, "integer is not minimal")
	}
	value := new(big.Int).SetBytes(data)
	if data[0] >= 0x80 {
		value.Sub(value, new(big.Int).Lsh(big.NewInt(1), uint(8*len(data))))
	}
	if value.CmpAbs(limit) >= 0 {
		return nil, invalid(v.path, "integer of %d bits, its absolute value must be below 2^%d", value.BitLen(), limitBits)
	}
	return value, nil
}
