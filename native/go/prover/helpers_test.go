package prover_test

import (
	"encoding/hex"
	"math/big"
	"os"
	"path/filepath"
	"testing"
)

var bigOne = big.NewInt(1)

// shared is removed when all tests are done.
var shared string

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != "" {
		os.RemoveAll(shared)
	}
	os.Exit(code)
}

func tempDir() (string, error) {
	var err error
	shared, err = os.MkdirTemp("", "plimsoll-prover-test")
	return shared, err
}

func keyDirectory(root string, id [32]byte) string {
	return filepath.Join(root, hex.EncodeToString(id[:]))
}
