package canonical

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
)

// The functions of this file write the messages of docs/formats.md from their fields, independently of the Java code. Both must
// give what the vector file says.

const vectorsPath = "../../../docs/vectors/canonical.tsv"

const vectorsHeader = `# Canonical messages of docs/formats.md. One per line: kind, then name=value fields separated by tabs; fields after "->" are results.
# Digests, keys, points and bytes are in hex; lists are separated by commas, ranges and pairs by colons.
# Written by: go test -run Vectors -update . (in circuits/go/canonical)
`

var update = flag.Bool("update", false, "rewrite the shared vectors")

// vector is one line: its kind, its input fields and its result fields.
type vector struct {
	kind   string
	fields []field
}

type field struct{ name, value string }

func (v *vector) with(name string, value any) *vector {
	text := fmt.Sprint(value)
	switch value := value.(type) {
	case []byte:
		text = hex.EncodeToString(value)
	case [32]byte:
		text = hex.EncodeToString(value[:])
	}
	v.fields = append(v.fields, field{name, text})
	return v
}

func (v *vector) String() string {
	var b strings.Builder
	b.WriteString(v.kind)
	for _, f := range v.fields {
		b.WriteString("\t" + f.name + "=" + f.value)
	}
	return b.String()
}

func (v *vector) text(name string) string {
	for _, f := range v.fields {
		if f.name == name {
			return f.value
		}
	}
	panic(v.kind + " has no field " + name)
}

func (v *vector) list(name string) []string {
	if v.text(name) == "" {
		return nil
	}
	return strings.Split(v.text(name), ",")
}

func (v *vector) number(name string) int64 { return parse(v.text(name)) }

func parse(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (v *vector) hex(name string) []byte { return unhex(v.text(name)) }

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

// results computes what a line's input fields give.
func (v *vector) results() *vector {
	r := &vector{}
	switch v.kind {
	case "model":
		return r.with("digest", ModelDigest(v.hex("bytes")))
	case "circuit":
		var digests [4][32]byte
		for i, name := range []string{"model", "layout", "constraints", "key"} {
			copy(digests[i][:], v.hex(name))
		}
		return r.with("id", CircuitID(digests[0], digests[1], digests[2], digests[3], v.text("setup")))
	case "layout":
		w := NewWriter("plimsoll/layout/v1").U32(uint32(v.number("attesters")))
		for _, name := range []string{"coefficients", "holdings"} {
			runs := v.list(name)
			w.U32(uint32(len(runs)))
			for _, run := range runs {
				parts := strings.Split(run, ":")
				w.U32(uint32(parse(parts[0]))).I64(parse(parts[1])).I64(parse(parts[2]))
			}
		}
		return r.with("bytes", w.Message())
	case "listing":
		axes := v.list("axes")
		w := NewWriter("plimsoll/listing/v1").U32(uint32(len(axes)))
		for _, axis := range axes {
			labels := strings.Split(axis, ":")
			w.Text(labels[0]).U32(uint32(len(labels) - 1))
			for _, label := range labels[1:] {
				w.Text(label)
			}
		}
		return r.with("digest", w.Sum())
	case "round":
		w := NewWriter("plimsoll/round/v1").Text(v.text("venue")).Bytes(v.hex("circuit")).Bytes(v.hex("listing")).
			I64(v.number("sequence")).I64(v.number("as of")).U32(uint32(len(v.list("coefficients"))))
		var coefficients []byte
		for _, c := range v.list("coefficients") {
			coefficients = binary.BigEndian.AppendUint64(coefficients, uint64(parse(c)))
		}
		w.Bytes(coefficients)
		digest := w.Sum()
		signed := NewWriter("plimsoll/round-signature/v1").Digest(digest).Message()
		return r.with("bytes", w.Message()).with("digest", digest).
			with("signature", ed25519.Sign(ed25519.NewKeyFromSeed(v.hex("publisher seed")), signed))
	case "attestation":
		private := ed25519.NewKeyFromSeed(v.hex("attester seed"))
		w := NewWriter("plimsoll/attestation/v1").Text(v.text("venue")).Text(v.text("account")).Bytes(v.hex("circuit")).
			Bytes(v.hex("listing")).Bytes(private[32:]).U32(uint32(len(v.list("scope"))))
		for _, columns := range v.list("scope") {
			from, to, _ := strings.Cut(columns, ":")
			w.U32(uint32(parse(from))).U32(uint32(parse(to)))
		}
		w.I64(v.number("version")).I64(v.number("as of")).I64(v.number("not after")).Bytes(v.hex("previous")).
			Bytes([]byte{byte(v.number("closing"))}).Bytes(v.hex("commitment")).Bytes(v.hex("sealed opening")).Bytes(nil)
		signature := ed25519.Sign(private, w.Message())
		return r.with("bytes", w.Message()).with("signature", signature).
			with("digest", NewWriter("plimsoll/attestation-digest/v1").Bytes(w.Message()).Bytes(signature).Sum())
	case "attestation set":
		members := v.list("members")
		slices.SortFunc(members, func(a, b string) int { return bytes.Compare(unhex(a[:64]), unhex(b[:64])) })
		w := NewWriter("plimsoll/attestation-set/v1").U32(uint32(len(members)))
		for _, member := range members {
			key, digest, _ := strings.Cut(member, ":")
			w.Bytes(unhex(key)).Bytes(unhex(digest))
		}
		return r.with("digest", w.Sum())
	case "context":
		w := NewWriter("plimsoll/context/v1").Bytes(v.hex("circuit")).Text(v.text("venue")).Text(v.text("account")).
			I64(v.number("account version")).I64(v.number("roster version")).Bytes(v.hex("attestation set")).Bytes(v.hex("round")).
			I64(v.number("round sequence")).I64(v.number("N")).I64(v.number("D")).Bytes([]byte{byte(v.number("purpose"))})
		digest := sha256.Sum256(w.Message())
		return r.with("bytes", w.Message()).with("element", digest[:16])
	default:
		panic("unknown kind " + v.kind)
	}
}

func TestVectorsAreWhatTheFormatsSay(t *testing.T) {
	if *update {
		var b strings.Builder
		b.WriteString(vectorsHeader)
		for _, v := range makeVectors() {
			fmt.Fprintf(&b, "%s\t->%s\n", v, v.results())
		}
		if err := os.WriteFile(vectorsPath, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(vectorsPath)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for number, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		input, want, _ := strings.Cut(line, "\t->")
		parts := strings.Split(input, "\t")
		v := &vector{kind: parts[0]}
		for _, part := range parts[1:] {
			name, value, _ := strings.Cut(part, "=")
			v.fields = append(v.fields, field{name, value})
		}
		kinds[v.kind]++
		if got := v.results().String(); got != want {
			t.Errorf("line %d: %s gives\n%s\nnot\n%s", number+1, v.kind, got, want)
		}
	}
	if len(kinds) != 8 {
		t.Errorf("kinds %v, want all 8", kinds)
	}
}

func TestEveryContextVectorHasAnotherElement(t *testing.T) {
	seen := map[string]string{}
	for _, v := range makeVectors() {
		if v.kind == "context" {
			element := v.results().text("element")
			if other, ok := seen[element]; ok {
				t.Errorf("one element for\n%s\n%s", other, v)
			}
			seen[element] = v.String()
		}
	}
	if len(seen) < 20 {
		t.Errorf("%d contexts", len(seen))
	}
}

func digestOf(text string) [32]byte { return sha256.Sum256([]byte(text)) }

func makeVectors() []*vector {
	of := func(kind string) *vector { return &vector{kind: kind} }
	point := func(k uint64) []byte {
		_, _, g, _ := bn254.Generators()
		b := g.ScalarMultiplication(&g, new(big.Int).SetUint64(k)).Bytes()
		return b[:]
	}
	vectors := []*vector{
		of("model").with("bytes", []byte{}),
		of("model").with("bytes", []byte("any bytes at all")),
		of("circuit").with("model", digestOf("m")).with("layout", digestOf("l")).with("constraints", digestOf("c")).with("key", digestOf("k")).with("setup", "development"),
		of("circuit").with("model", digestOf("m")).with("layout", digestOf("l")).with("constraints", digestOf("c")).with("key", digestOf("k")).with("setup", "ceremony:"+hex.EncodeToString(make([]byte, 32))),
		of("layout").with("attesters", 1).with("coefficients", "").with("holdings", "1:0:0"),
		of("layout").with("attesters", 64).with("coefficients", "3:-5:7,1:0:9223372036854775807").with("holdings", "2:-144115188075855872:144115188075855871,2:0:1"),
		of("listing").with("axes", "asset:USDC"),
		of("listing").with("axes", "instrument:BTC-29OCT21-60000-C:BTC-29OCT21-60000-P,asset:USDC:ÆTH"),
		of("round").with("venue", "venue").with("circuit", digestOf("c")).with("listing", digestOf("l")).with("sequence", 0).with("as of", 0).
			with("coefficients", "0").with("publisher seed", digestOf("p")),
		of("round").with("venue", "Börse").with("circuit", digestOf("c")).with("listing", digestOf("l")).with("sequence", int64(9223372036854775807)).with("as of", int64(1634774400000)).
			with("coefficients", "0,-1,1,9223372036854775807,-9223372036854775808").with("publisher seed", digestOf("p2")),
		of("attestation").with("venue", "venue").with("account", "account").with("circuit", digestOf("c")).with("listing", digestOf("l")).
			with("attester seed", digestOf("a")).with("scope", "0:1").with("version", 1).with("as of", 1634774400000).with("not after", 1634778000000).
			with("previous", [32]byte{}).with("closing", 0).with("commitment", point(7)).with("sealed opening", bytes.Repeat([]byte{0xab}, 100)),
		of("attestation").with("venue", "v").with("account", "konto ß").with("circuit", digestOf("c2")).with("listing", digestOf("l2")).
			with("attester seed", digestOf("b")).with("scope", "0:3,5:9,70:71").with("version", 12345678901).with("as of", 1).with("not after", 2).
			with("previous", digestOf("previous")).with("closing", 1).with("commitment", point(123456789)).with("sealed opening", bytes.Repeat([]byte{1}, 92)),
	}
	var members []string
	for _, name := range []string{"x", "y", "z"} {
		private := ed25519.NewKeyFromSeed(seed(name))
		digest := digestOf(name)
		members = append(members, hex.EncodeToString(private[32:])+":"+hex.EncodeToString(digest[:]))
	}
	slices.SortFunc(members, strings.Compare)
	vectors = append(vectors,
		of("attestation set").with("members", members[0]),
		of("attestation set").with("members", strings.Join(members, ",")))

	// Each context differs from the first in one field, or moves a byte over the boundary of two.
	context := func(change func(fields map[string]any)) {
		fields := map[string]any{"circuit": digestOf("c"), "venue": "venue", "account": "account", "account version": 3, "roster version": 4,
			"attestation set": digestOf("s"), "round": digestOf("r"), "round sequence": 5, "N": 11, "D": 10, "purpose": 1}
		change(fields)
		v := of("context")
		for _, name := range []string{"circuit", "venue", "account", "account version", "roster version", "attestation set", "round", "round sequence", "N", "D", "purpose"} {
			v.with(name, fields[name])
		}
		vectors = append(vectors, v)
	}
	context(func(map[string]any) {})
	for _, change := range []struct {
		name  string
		value any
	}{{"circuit", digestOf("c2")}, {"venue", "venu"}, {"venue", "venue2"}, {"account", "Account"}, {"account", "ß"}, {"account version", 4}, {"account version", 0},
		{"roster version", 3}, {"attestation set", digestOf("r")}, {"round", digestOf("s")}, {"round sequence", 6}, {"round sequence", int64(9223372036854775807)},
		{"N", 0}, {"N", 1<<32 - 1}, {"N", 10}, {"D", 11}, {"D", 1}, {"D", 1<<32 - 1}, {"purpose", 2}, {"purpose", 3}} {
		context(func(fields map[string]any) { fields[change.name] = change.value })
	}
	context(func(fields map[string]any) { fields["venue"], fields["account"] = "venuea", "ccount" })
	context(func(fields map[string]any) { fields["venue"], fields["account"] = "account", "venue" })
	context(func(fields map[string]any) { fields["account version"], fields["roster version"] = 4, 3 })
	context(func(fields map[string]any) { fields["N"], fields["D"] = 10, 11 })
	return vectors
}

func seed(name string) []byte {
	d := digestOf(name)
	return d[:]
}
