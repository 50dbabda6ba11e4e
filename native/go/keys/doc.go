// Package keys makes and loads key directories: the files of docs/formats.md by which a circuit is proven and
// verified. Loading trusts nothing but the circuit id that the caller expects: files are compared with it
// by digest before anything in them is interpreted, and every check of the trusted setup follows.
//
// The circuit id covers model, layout, constraint system and verifying key, and not the proving key, whose digest
// stands in the manifest alone. That is enough: a wrong proving key can only make proofs that do not verify, and
// no proof leaves unverified. What it must not do is crash the process, so its shape is checked against the
// constraint system first.
package keys
