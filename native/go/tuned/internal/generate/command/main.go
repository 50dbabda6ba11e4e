// Command command writes what package generate makes into the current directory.
package main

import (
	"fmt"
	"os"

	"plimsoll.io/native/tuned/internal/generate"
)

func main() {
	if err := os.WriteFile("vector_amd64.s", generate.Source(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
