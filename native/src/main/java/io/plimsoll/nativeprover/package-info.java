/**
 * The native prover: key generation, proving, and what a margin model costs as a circuit.
 *
 * <p>Everything runs in one library, {@code libplimsoll}, which this jar carries for the machine
 * that it was built on. Start the JVM with {@code --enable-native-access=ALL-UNNAMED}; from JDK 24
 * on it warns otherwise.
 *
 * <p>Holdings and blindings are secret. They are copied into native memory for one call and wiped
 * after it, and stand in no error.
 */
package io.plimsoll.nativeprover;
