/**
 * The command line {@code bin/plimsoll}. Files in, files out; every file is proto3 JSON of a {@code
 * plimsoll.v1} message.
 */
package io.plimsoll.prover.cli;
