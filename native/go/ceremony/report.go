package ceremony

import "google.golang.org/protobuf/encoding/protowire"

// MaxReportBytes bounds every Report.
const MaxReportBytes = 1 << 22

// Report is a CeremonyReport message: what the ceremony is of and who has contributed so far.
func (t *Transcript) Report() []byte {
	var m message
	stats := t.prepared.Circuit.Stats()
	m = m.text(1, t.prepared.Model)
	for _, parameter := range t.prepared.Shape {
		m = m.bytes(2, message{}.text(1, parameter.Name).number(2, uint64(parameter.Value)))
	}
	m = m.bytes(3, t.model[:]).bytes(4, t.system[:]).
		number(5, uint64(stats.Constraints)).number(6, uint64(stats.FFTSize)).text(7, t.record.BeaconRule)
	for i, phase := range t.record.Phases {
		var inner message
		for j, c := range phase.Contributions {
			inner = inner.bytes(1, message{}.bytes(1, c.Identity).bytes(2, c.State[:]).
				bytes(3, t.signed[i][j]).bytes(4, c.Signature))
		}
		m = m.bytes(8, inner.text(2, string(phase.Beacon)))
	}
	if t.made != nil {
		m = m.bytes(9, t.made.CircuitID[:])
	}
	return m
}

// message is a protobuf message.
type message []byte

func (m message) number(field protowire.Number, value uint64) message {
	if value == 0 {
		return m
	}
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), value)
}

func (m message) text(field protowire.Number, value string) message {
	if value == "" {
		return m
	}
	return m.bytes(field, []byte(value))
}

func (m message) bytes(field protowire.Number, value []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), value)
}
