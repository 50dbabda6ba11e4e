/**
 * What attesters, account owners and risk publishers do on their own machines: keep keys, commit to
 * holdings and sign for them, seal and open openings, sign rounds.
 *
 * <p>Signed bytes and encryption are those of {@code docs/formats.md}. Keys, files and encryption
 * use BouncyCastle's lightweight interface; no security provider is installed. Nothing here logs,
 * and no secret appears in an error or a {@code toString}.
 */
package io.plimsoll.attestation;
