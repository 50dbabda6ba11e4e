/**
 * What every gRPC service here needs and none has of its own: {@link io.plimsoll.rpc.RpcServer} and
 * {@link io.plimsoll.rpc.RpcChannel} with TLS, health, reflection and a graceful end; who calls
 * ({@link io.plimsoll.rpc.PeerIdentity}); how often ({@link io.plimsoll.rpc.CallLimits}); and
 * errors that tell the caller whose fault they are and nothing else ({@link
 * io.plimsoll.rpc.RpcFaults}). It knows no message of any service.
 */
package io.plimsoll.rpc;
