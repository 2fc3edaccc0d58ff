namespace Fairlead.EndToEnd;

/// <summary>What a pod's spec may ask of the node, and what comes of it; each row stands alone. <c>$K</c> is kubectl in the test's own namespace, <c>$F</c> a folder for files.</summary>
internal static class PodRows
{
    public static IEnumerable<KubectlRow> All => [.. Contents, .. Lives, .. Names, .. Images];

    private static IEnumerable<KubectlRow> Contents =>
    [
        new("volumes, variables, users and order", """
            $K apply -f - >/dev/null <<'EOF'
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: conf}
            data: {colour: blue, size: "5", file.txt: "line one\n"}
            binaryData: {bin: AAEC}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: sec}
            stringData: {pass: word}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: all, labels: {app: all, sidecar.istio.io/inject: "false"}, annotations: {note: hello}}
            spec:
              hostname: myhost
              terminationGracePeriodSeconds: 0
              securityContext: {runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [4000]}
              initContainers:
              - {name: first, image: curlimages/curl, command: [sh, -c, "echo first >> /shared/order"], volumeMounts: [{name: shared, mountPath: /shared}]}
              - name: native
                image: curlimages/curl
                restartPolicy: Always
                command: [sh, -c, "sleep 1; echo native >> /shared/order; touch /tmp/up; exec sleep 3600"]
                startupProbe: {exec: {command: [test, -f, /tmp/up]}, periodSeconds: 1, failureThreshold: 30}
                volumeMounts: [{name: shared, mountPath: /shared}]
              - {name: last, image: curlimages/curl, command: [sh, -c, "echo last >> /shared/order"], volumeMounts: [{name: shared, mountPath: /shared}]}
              containers:
              - name: app
                image: curlimages/curl
                workingDir: /shared
                command: [sh, -c]
                args: ["echo app >> order; exec sleep 3600"]
                env:
                - {name: WHO, value: world}
                - {name: GREETING, value: "hello $(WHO) $$(WHO) $(NOBODY)"}
                - {name: COLOUR, valueFrom: {configMapKeyRef: {name: conf, key: colour}}}
                - {name: PASS, valueFrom: {secretKeyRef: {name: sec, key: pass}}}
                - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                - {name: NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
                - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
                - {name: MISSING, valueFrom: {configMapKeyRef: {name: nope, key: x, optional: true}}}
                envFrom: [{prefix: C_, configMapRef: {name: conf}}]
                resources: {limits: {memory: 64Mi, cpu: 500m}}
                readinessProbe: {exec: {command: [grep, -q, app, order]}, periodSeconds: 1}
                volumeMounts:
                - {name: shared, mountPath: /shared}
                - {name: conf, mountPath: /conf}
                - {name: conf, mountPath: /etc/one.txt, subPath: file.txt}
                - {name: sec, mountPath: /sec, readOnly: true}
                - {name: info, mountPath: /info}
                - {name: tok, mountPath: /tok}
              volumes:
              - {name: shared, emptyDir: {}}
              - {name: conf, configMap: {name: conf, defaultMode: 0640}}
              - {name: sec, secret: {secretName: sec, items: [{key: pass, path: deep/pw, mode: 0400}]}}
              - {name: info, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}, {path: cpu, resourceFieldRef: {containerName: app, resource: limits.cpu}}]}}
              - {name: tok, projected: {sources: [{serviceAccountToken: {path: token, audience: me, expirationSeconds: 600}}, {configMap: {name: conf, items: [{key: size, path: s}]}}]}}
            EOF
            $K wait --for=condition=Ready pod/all --timeout=60s
            $K exec all -c app -- sh -c 'exec 2>&1; id; hostname; pwd; env | sort; cat order; od -An -tx1 /conf/bin; stat -c "%a %g %n" /conf/colour /sec/deep/pw; cat /etc/one.txt /info/labels /info/cpu; echo; cat /tok/s; echo; cut -d. -f2 /tok/token | tr _- /+ | base64 -d 2>/dev/null; echo; touch /conf/x; touch /sec/x' 2>&1
            $K patch cm conf --type=merge -p '{"data":{"colour":"red"}}'; for i in $(seq 60); do $K exec all -c app -- grep -q red /conf/colour && break; sleep 1; done; $K exec all -c app -- cat /conf/colour
            """, 0,
            "^uid=1000 gid=2000 groups=3000,4000$", "^myhost$", "^/shared$", "^COLOUR=blue$", "^C_colour=blue$", @"^GREETING=hello world \$\(WHO\) \$\(NOBODY\)$", "^LIMIT=67108864$", "^NOTE=hello$", "^PASS=word$", @"^POD_IP=10\.244\.",
            "^first\nnative\nlast\napp$", "^ 00 01 02$", "^660 3000 /conf/colour$", "^440 3000 /sec/deep/pw$", "^line one$", "^app=\"all\"$", "\"false\"1$", "^5$", "\"aud\":\\[\"me\"\\]", "/conf/x: Read-only file system", "/sec/x: Read-only file system", "^red\\z"),
        new("what is not there, and what is not done, is named", """
            for what in 'volumes: [{name: v, secret: {secretName: nope}}]' 'volumes: [{name: v, hostPath: {path: /}}]' 'hostNetwork: true'; do
              $K apply -f - <<EOF
            apiVersion: v1
            kind: Pod
            metadata: {name: odd, labels: {sidecar.istio.io/inject: "false"}}
            spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: curlimages/curl, command: [sleep, "60"]}], $what}
            EOF
              for i in $(seq 100); do $K get events --field-selector=involvedObject.name=odd | grep Warning && break; sleep 0.1; done
              $K delete pod odd; $K delete events --all >/dev/null
            done
            """, 0, "FailedMount +pod/odd +.*secret \"nope\" not found", @"Failed +pod/odd +spec\.volumes\[v\]\.hostPath is not supported; use configMap", @"Failed +pod/odd +spec\.hostNetwork is not supported: .*remove it"),
    ];

    private static IEnumerable<KubectlRow> Lives =>
    [
        new("out of memory", Pod("hog", """restartPolicy: Never, containers: [{name: c, image: curlimages/curl, command: [sh, -c, "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo survived"], resources: {limits: {memory: 32Mi}}}]""")
            + Until("hog", "{.status.phase}", "Failed") + "$K get pod hog -o jsonpath='{.status.containerStatuses[0].state.terminated.reason} {.status.containerStatuses[0].state.terminated.exitCode}'; $K logs hog", 0, "^OOMKilled 137"),
        new("a liveness probe that fails", Pod("sick", """terminationGracePeriodSeconds: 0, containers: [{name: c, image: curlimages/curl, command: [sh, -c, "touch /tmp/ok; sleep 2; rm /tmp/ok; exec sleep 3600"], livenessProbe: {exec: {command: [test, -f, /tmp/ok]}, periodSeconds: 1, failureThreshold: 2}}]""")
            + Until("sick", "{.status.containerStatuses[0].restartCount}", "1") + "$K get events | grep sick; $K delete pod sick", 0, "Unhealthy +pod/sick +Liveness probe failed"),
        new("retried on failure, with back-off", Pod("retry", """restartPolicy: OnFailure, containers: [{name: c, image: curlimages/curl, command: [sh, -c, "[ -f /d/second ] && { echo second; exit 0; }; touch /d/second; exit 5"], volumeMounts: [{name: d, mountPath: /d}]}], volumes: [{name: d, emptyDir: {}}]""")
            + Until("retry", "{.status.phase}", "Succeeded") + "$K logs retry; $K get pod retry -o jsonpath='{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].lastState.terminated.exitCode}'", 0, "^second$", "^1 5"),
        new("an init container that fails", Pod("init", """terminationGracePeriodSeconds: 0, initContainers: [{name: i, image: curlimages/curl, command: [sh, -c, "exit 9"]}], containers: [{name: c, image: curlimages/curl, command: [sleep, "9"]}]""")
            + Until("init", "{.status.initContainerStatuses[0].lastState.terminated.exitCode}", "9") + "$K get pod init; $K delete pod init", 0, "^init +0/1 +Init:(Error|CrashLoopBackOff) "),
        new("hooks, and an end in order", Pod("hooks", """terminationGracePeriodSeconds: 20, containers: [{name: c, image: curlimages/curl, command: [sh, -c, "trap 'echo ended; exit 0' TERM; while :; do sleep 0.1; done"], lifecycle: {postStart: {exec: {command: [sh, -c, "echo started > /proc/1/fd/1"]}}, preStop: {exec: {command: [sh, -c, "echo stopping > /proc/1/fd/1"]}}}}]""")
            + "$K wait --for=condition=Ready pod/hooks --timeout=60s; $K logs -f hooks >$F/hooks & for i in $(seq 100); do grep -q started $F/hooks && break; sleep 0.1; done; $K delete pod hooks; wait $!; cat $F/hooks", 0, "^started\nstopping\nended$"),
        new("probes by HTTP and TCP", Pod("web", """terminationGracePeriodSeconds: 0, containers: [{name: good, image: nginx, ports: [{containerPort: 80, name: http}], startupProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}, readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}, livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}}, {name: bad, image: curlimages/curl, command: [sleep, "3600"], readinessProbe: {httpGet: {path: /, port: 81}, periodSeconds: 1}}]""")
            + Until("web", "{.status.containerStatuses[0].ready}{.status.containerStatuses[1].started}", "truetrue") + "for i in $(seq 100); do $K get events | grep -q Unhealthy.*pod/web && break; sleep 0.1; done; $K get pod web; $K get events | grep pod/web; $K delete pod web", 0, "^web +1/2 +Running +0 ", "Unhealthy +pod/web +Readiness probe failed: .*81"),
        new("a program that is not there", Pod("nocmd", """terminationGracePeriodSeconds: 0, containers: [{name: c, image: curlimages/curl, command: [no-such]}]""")
            + Until("nocmd", "{.status.containerStatuses[0].state.waiting.reason}", "RunContainerError") + "$K describe pod nocmd; $K delete pod nocmd", 0, "\"no-such\": executable file not found in"),
    ];

    private static IEnumerable<KubectlRow> Names =>
    [
        new("names, and services without a sidecar", """
            $K apply -f - <<'EOF'
            apiVersion: v1
            kind: Service
            metadata: {name: front}
            spec: {selector: {app: front}, ports: [{port: 8000, targetPort: web}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: headless}
            spec: {clusterIP: None, selector: {app: front}, ports: [{port: 80, name: web}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: alias}
            spec: {type: ExternalName, externalName: www.baidu.com}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: front, labels: {app: front, sidecar.istio.io/inject: "false"}}
            spec: {terminationGracePeriodSeconds: 0, hostname: one, subdomain: headless, containers: [{name: c, image: nginx, ports: [{containerPort: 80, name: web}]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: plain, labels: {sidecar.istio.io/inject: "false"}}
            spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: curlimages/curl, command: [sleep, "3600"]}]}
            EOF
            $K wait --for=condition=Ready pod/front pod/plain --timeout=60s; for i in $(seq 100); do [ -n "$($K get endpoints front -o jsonpath={.subsets})" ] && break; sleep 0.1; done; sleep 0.5
            $K exec plain -- sh -c 'cat /etc/resolv.conf; for url in front:8000 front.pods:8000 front.pods.svc:8000 headless one.headless alias www.baidu.com nowhere; do echo $url $(curl -s -m 5 -o /dev/null -w "%{http_code} %{exitcode}" $url); done'
            $K delete svc front headless alias; $K delete pod front plain
            """, 0, "^search pods.svc.cluster.local svc.cluster.local cluster.local$", "^options ndots:5$",
            "^front:8000 200 0\nfront.pods:8000 200 0\nfront.pods.svc:8000 200 0\nheadless 200 0\none.headless 200 0\nalias 200 0\nwww.baidu.com 200 0\nnowhere 000 6$"),
        new("an application that is held until its sidecar is ready, and may call while it ends", """
            $K apply -f - <<'EOF'
            apiVersion: v1
            kind: Pod
            metadata: {name: held, labels: {sidecar.istio.io/inject: "true"}, annotations: {proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true}'}}
            spec: {terminationGracePeriodSeconds: 5, containers: [{name: c, image: curlimages/curl, command: [sh, -c, "call() { echo $1 $(curl -s -m 3 -o /dev/null -w '%{http_code}' httpbin.org/get); }; trap 'call end; exit 0' TERM; call start; while :; do sleep 0.1; done"]}]}
            EOF
            $K wait --for=condition=Ready pod/held --timeout=60s; for i in $(seq 100); do $K logs held -c c | grep -q start && break; sleep 0.1; done
            $K logs -f held -c c >$F/held & for i in $(seq 100); do grep -q start $F/held && break; sleep 0.1; done; $K delete pod held; wait $!; cat $F/held
            """, 0, "^start 200\nend 200$"),
    ];

    private static IEnumerable<KubectlRow> Images =>
    [
        new("an image is imported, run, imported anew under running pods, and removed", """
            archive() { # WORD: a docker archive of busybox that says the word
              rm -rf $F/image && mkdir -p $F/image/root/bin && cp /bin/busybox $F/image/root/bin/busybox && ln -s busybox $F/image/root/bin/sh && echo $1 >$F/image/root/word
              tar -C $F/image/root -cf $F/image/layer.tar . && cd $F/image
              echo '{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sh","-c","/bin/busybox cat /word; while :; do /bin/busybox sleep 1; done"]}}' >config.json
              echo '[{"Config":"config.json","RepoTags":["example.org/talker:v1"],"Layers":["layer.tar"]}]' >manifest.json
              tar -cf $F/talker.tar manifest.json config.json layer.tar; cd - >/dev/null
            }
            archive one; fairlead image import --state $STATE $F/talker.tar; fairlead image ls --state $STATE
            $K run talker --image=example.org/talker:v1 --labels=sidecar.istio.io/inject=false && $K wait --for=condition=Ready pod/talker --timeout=60s; $K exec talker -- busybox cat /word
            archive two; fairlead image import --state $STATE $F/talker.tar; $K exec talker -- busybox cat /word; $K delete pod talker --force --grace-period=0
            $K run talker --image=example.org/talker:v1 --labels=sidecar.istio.io/inject=false && $K wait --for=condition=Ready pod/talker --timeout=60s; $K exec talker -- busybox cat /word
            fairlead image rm --state $STATE example.org/talker:v1; $K exec talker -- busybox cat /word; $K delete pod talker --force --grace-period=0
            fairlead image rm --state $STATE example.org/talker:v1; echo rc $?
            echo nonsense >$F/none.tar; fairlead image import --state $STATE $F/none.tar; echo rc $?; fairlead image import --state $STATE $F/absent.tar; echo rc $?
            """, 0, "example.org/talker:v1", "^example.org/talker:v1 +talker.tar", "^one$", "^one$", "^two$", "^two$", "there is no image example.org/talker:v1; 'fairlead image ls' lists them", "^rc 1$", "none.tar: ", "^rc 1$", "absent.tar: no such file", "^rc 1$"),
    ];

    private static string Pod(string name, string spec) =>
        $"$K apply -f - <<'EOF'\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{sidecar.istio.io/inject: \"false\"}}}}\nspec: {{{spec}}}\nEOF\n";

    private static string Until(string pod, string path, string value) =>
        $"for i in $(seq 150); do [ \"$($K get pod {pod} -o jsonpath='{path}')\" = '{value}' ] && break; sleep 0.1; done; ";
}
