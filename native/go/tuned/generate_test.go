package tuned

import (
	"bytes"
	"os"
	"testing"

	"plimsoll.io/native/tuned/internal/generate"
)

func TestTheAssemblyIsWhatTheGeneratorWrites(t *testing.T) {
	written, err := os.ReadFile("vector_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, generate.Source()) {
		t.Error("vector_amd64.s is not up to date: run go generate ./tuned")
	}
}
