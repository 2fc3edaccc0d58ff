namespace Fairlead.EndToEnd;

/// <summary>The commands that people type, in an order in which each finds what it needs.</summary>
internal static class KubectlRows
{
    public static IEnumerable<KubectlRow> All => [.. Applying, .. Reading, .. Changing, .. Running, .. Refused, .. Asking, .. Deleting];

    /// <summary>Writes the files that the rows use.</summary>
    public const string Files = """
        cat >$F/web.yaml <<EOF
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          labels: {app: web}
        spec:
          selector: {app: web}
          ports:
          - {name: http, port: 80, targetPort: 80}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata:
              labels: {app: web}
              annotations: {sidecar.istio.io/inject: "false"}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: web
                image: curlimages/curl
                command: [sh, -c, "echo started; exec sleep 3600"]
        EOF
        cat >$F/entry.yaml <<EOF
        apiVersion: networking.istio.io/v1alpha3
        kind: ServiceEntry
        metadata:
          name: ext
        spec:
          hosts: [www.baidu.com]
          ports:
          - {number: 80, name: http, protocol: HTTP}
          resolution: DNS
        EOF
        cat >$F/map.yaml <<EOF
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: settings
        data: {colour: blue}
        EOF
        cat >$F/odd.yaml <<EOF
        apiVersion: v1
        kind: Pod
        metadata: {name: odd, labels: {sidecar.istio.io/inject: "false"}}
        spec:
          affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, labelSelector: {matchLabels: {a: b}}}]}}
          schedulerName: mine
          containers:
          - name: odd
            image: curlimages/curl
            resources: {limits: {cpu: 100m, example.com/gpu: 1}}
            securityContext: {seccompProfile: {type: Unconfined}}
        EOF
        cat >$F/thing.yaml <<EOF
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: things.example.com}
        spec:
          group: example.com
          names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
          scope: Namespaced
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
        EOF
        """;

    private static IEnumerable<KubectlRow> Applying =>
    [
        new("apply, dry run on the server", "$K apply --dry-run=server -f $F/map.yaml && $K get cm settings", 1, @"^configmap/settings created \(server dry run\)$", @"configmaps ""settings"" not found"),
        new("apply, new", "$K apply -f $F/map.yaml -f $F/entry.yaml", 0, "^configmap/settings created$", @"^serviceentry\.networking\.istio\.io/ext created$"),
        new("apply, unchanged", "$K apply -f $F/map.yaml -f $F/entry.yaml", 0, "^configmap/settings unchanged$", @"^serviceentry\.networking\.istio\.io/ext unchanged$"),
        new("diff", "sed 's/blue/green/' $F/map.yaml | $K diff -f -", 1, "^-  colour: blue$", @"^\+  colour: green$"),
        new("apply, changed built-in", "sed 's/blue/green/' $F/map.yaml | $K apply -f - && $K get cm settings -o jsonpath={.data.colour}", 0, "^configmap/settings configured$", "^green$"),
        new("apply, changed custom kind", "sed 's/www.baidu.com/baidu.com/' $F/entry.yaml | $K apply -f - && $K get se ext -o jsonpath={.spec.hosts}", 0, "serviceentry.networking.istio.io/ext configured", @"\[""baidu.com""\]"),
        new("apply a Deployment", "$K apply -f $F/web.yaml && $K rollout status deploy/web --timeout=60s", 0, "^service/web created$", "^deployment.apps/web created$", @"^deployment ""web"" successfully rolled out$"),
        new("apply a Deployment, unchanged", "$K apply -f $F/web.yaml", 0, "^service/web unchanged$", "^deployment.apps/web unchanged$"),
        new("server-side apply", "$K apply --server-side -f - <<< '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"owned\"},\"data\":{\"a\":\"1\"}}'", 0, "^configmap/owned serverside-applied$"),
        new("server-side apply, a conflict", "$K apply --server-side --field-manager=other -f - <<< '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"owned\"},\"data\":{\"a\":\"2\"}}'", 1, @"conflict with ""kubectl"".*: \.data\.a"),
        new("server-side apply, forced", "$K apply --server-side --force-conflicts --field-manager=other -f - <<< '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"owned\"},\"data\":{\"a\":\"2\"}}'", 0, "serverside-applied"),
        new("create", "$K create configmap made --from-literal=k=v && $K create configmap made --from-literal=k=v", 1, "^configmap/made created$", @"^(Error from server \(AlreadyExists\)|error: failed to create configmap): configmaps ""made"" already exists$"),
        new("create secret", "$K create secret generic hidden --from-literal=k=v && $K get secret hidden -o jsonpath={.data.k}", 0, "^secret/hidden created$", "^dg==$"),
        new("create deployment", "$K create deployment idle --image=curlimages/curl --replicas=0", 0, "^deployment.apps/idle created$"),
        new("expose", "$K expose deployment idle --port=80", 0, "^service/idle exposed$"),
        new("a node port is not opened, and says so", "$K create service nodeport np --tcp=80", 0, "^Warning: spec.type: NodePort is not acted on") { Since = 19 },
    ];

    private static IEnumerable<KubectlRow> Reading =>
    [
        new("get pods", "$K get pods -l app=web", 0, @"^NAME +READY +STATUS +RESTARTS +AGE$", @"^web-\S+ +1/1 +Running +0 +\d+m?\d*s$"),
        new("get pods -o wide", "$K get pods -l app=web -o wide", 0, @"^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$", @"1/1 +Running +0 +\S+ +10\.244\.\d+\.\d+ +\S+ +<none> +<none>$"),
        new("get deploy", "$K get deploy web", 0, @"^NAME +READY +UP-TO-DATE +AVAILABLE +AGE$", @"^web +1/1 +1 +1 +\d+m?\d*s$"),
        new("get svc", "$K get svc web", 0, @"^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE$", @"^web +ClusterIP +10\.96\.\d+\.\d+ +<none> +80/TCP +\d+m?\d*s$"),
        new("get se", "$K get serviceentries.networking.istio.io", 0, @"^NAME +HOSTS +LOCATION +RESOLUTION +AGE$", @"^ext +\[""baidu.com""\] +DNS +\d+m?\d*s$"),
        new("get all", "$K get all", 0, "^pod/web-", "^service/web ", "^deployment.apps/web ", "^replicaset.apps/web-"),
        new("get -A", "$K get pods -A", 0, @"^NAMESPACE +NAME +READY"),
        new("get nothing", "$K get pods -l app=nobody", 0, "^No resources found in commands namespace.$"),
        new("get what is not there", "$K get pod nobody", 1, @"^Error from server \(NotFound\): pods ""nobody"" not found$"),
        new("get an unknown kind", "$K get nonsense", 1, @"^error: the server doesn't have a resource type ""nonsense""$"),
        new("get -o yaml", "$K get cm settings -o yaml", 0, "^apiVersion: v1$", "^data:$", "^  colour: green$", "^kind: ConfigMap$"),
        new("get -o name", "$K get cm settings owned -o name", 0, "^configmap/settings$", "^configmap/owned$"),
        new("custom columns", "$K get cm settings -o custom-columns=N:.metadata.name,C:.data.colour", 0, "^N +C$", "^settings +green$"),
        new("sort", "$K get cm --sort-by=.metadata.name -o name", 0, "^configmap/made$", "^configmap/owned$", "^configmap/settings$"),
        new("show labels", "$K get svc web --show-labels", 0, @"LABELS$", "app=web$"),
        new("field selector", "$K get cm --field-selector=metadata.name=owned -o name", 0, @"\Aconfigmap/owned\n\z"),
        new("chunks", "$K get cm --chunk-size=1 -o name | grep -c settings", 0, "^1$"),
        new("raw", "$K get --raw /api/v1/namespaces/commands/configmaps/settings", 0, @"""colour"":""green"""),
        new("watch", "timeout 4 $K get cm settings -w -o name >$F/watch & for i in $(seq 30); do [ -s $F/watch ] && break; sleep 0.1; done; $K label cm settings seen=yes; wait $!; cat $F/watch", 0, @"^configmap/settings labeled\nconfigmap/settings\nconfigmap/settings\n\z"),
        new("describe pod", "$K describe pod -l app=web", 0, "^Name: +web-", "^Namespace: +commands$", "^Status: +Running$", "^IP: +10.244.", "^ +Image: +curlimages/curl", "^Conditions:$", "^ +Ready +True", "^Events:", " Scheduled +.* default-scheduler +Successfully assigned commands/web-", " Pulled +", " Created +", " Started +"),
        new("describe deployment", "$K describe deploy web", 0, "^Name: +web$", "^Replicas: +1 desired \\| 1 updated \\| 1 total \\| 1 available \\| 0 unavailable$", "^NewReplicaSet: +web-\\S+ \\(1/1 replicas created\\)$"),
        new("describe service", "$K describe svc web", 0, "^Name: +web$", "^Endpoints: +10.244."),
        new("describe a custom kind", "$K describe se ext", 0, "^Name: +ext$", "^Kind: +ServiceEntry$", "^ +Resolution: +DNS$"),
        new("explain", "$K explain serviceentry.spec.hosts && $K explain pod.spec.containers.image", 0, "hosts", "image"),
        new("api-resources", "$K api-resources --api-group=networking.istio.io", 0, "^NAME +SHORTNAMES", @"^serviceentries +se +networking\.istio\.io/\w+ +true +ServiceEntry$"),
        new("api-versions", "$K api-versions", 0, "^apps/v1$", "^networking.istio.io/v1$", "^v1$"),
        new("cluster-info", "$K cluster-info", 0, "is running at"),
        new("version", "$K version", 0, "Server Version"),
        new("get events", "$K get events", 0, @"^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$", "Scheduled"),
    ];

    private static IEnumerable<KubectlRow> Changing =>
    [
        new("label", "$K label cm settings a=b && $K label cm settings a=c", 1, "^configmap/settings (labeled|unlabeled)$", "already has a value"),
        new("label, removed", "$K label cm settings a-", 0, "^configmap/settings (un)?labeled$"),
        new("annotate", "$K annotate se ext note=x && $K get se ext -o jsonpath={.metadata.annotations.note}", 0, "annotated?$", "^x$"),
        new("patch, merge", "$K patch se ext --type=merge -p '{\"spec\":{\"location\":\"MESH_EXTERNAL\"}}' && $K patch se ext --type=merge -p '{\"spec\":{\"location\":\"MESH_EXTERNAL\"}}'", 0, "/ext patched$", @"/ext patched \(no change\)$"),
        new("patch, json", "$K patch cm settings --type=json -p '[{\"op\":\"replace\",\"path\":\"/data/colour\",\"value\":\"red\"}]' && $K get cm settings -o jsonpath={.data.colour}", 0, "patched$", "^red$"),
        new("patch, strategic", "$K patch deploy web -p '{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}]}}}}' && $K rollout status deploy/web --timeout=60s && $K get deploy web -o jsonpath='{.spec.template.spec.containers[*].image} {.spec.template.spec.containers[*].env[*].value}'", 0, "patched$", "successfully rolled out$", "^curlimages/curl 1$"),
        new("patch, strategic on a custom kind", "$K patch se ext -p '{\"spec\":{}}'", 1, "(?i)(unsupportedmediatype|media type|not supported)"),
        new("edit", "EDITOR=\"sed -i s/red/yellow/\" $K edit cm settings && $K get cm settings -o jsonpath={.data.colour}", 0, "^configmap/settings edited$", "^yellow$"),
        new("replace", "$K get cm settings -o yaml | sed s/yellow/white/ | $K replace -f - && $K get cm settings -o jsonpath={.data.colour}", 0, "^configmap/settings replaced$", "^white$"),
        new("replace, stale", "$K get cm settings -o yaml >$F/stale.yaml; $K label cm settings s=1 && $K replace -f $F/stale.yaml", 1, @"Error from server \(Conflict\): error when replacing .*: Operation cannot be fulfilled on configmaps ""settings"": the object has been modified; please apply your changes to the latest version and try again"),
        new("set image", "$K set image deploy/web web=curlimages/curl:latest", 0, "^deployment.apps/web image updated$"),
        new("set env", "$K set env deploy/web B=2", 0, "^deployment.apps/web env updated$"),
        new("scale", "$K scale deploy/web --replicas=2 && $K rollout status deploy/web --timeout=60s && $K get deploy web -o jsonpath={.status.readyReplicas}", 0, "^deployment.apps/web scaled$", "successfully rolled out$", "^2$"),
        new("rollout restart", "$K rollout restart deploy/web && $K rollout status deploy/web --timeout=60s", 0, "^deployment.apps/web restarted$", "successfully rolled out$"),
        new("scale down", "$K scale deploy/web --replicas=1 && for i in $(seq 50); do [ $($K get pods -l app=web -o name | wc -l) = 1 ] && break; sleep 0.2; done; $K get deploy web -o jsonpath={.status.replicas}", 0, "scaled$", "^1$"),
        new("wait for a condition", "$K wait --for=condition=Ready pod -l app=web --timeout=30s", 0, "^pod/web-.* condition met$"),
    ];

    private static IEnumerable<KubectlRow> Running =>
    [
        new("logs", "$K logs deploy/web", 0, "^started$"),
        new("logs, tail and timestamps", "$K logs deploy/web --tail=1 --timestamps", 0, @"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z started$"),
        new("logs of an unknown container", "$K logs deploy/web -c nope", 1, "container nope is not valid for pod web-"),
        new("exec", "$K exec deploy/web -- sh -c 'echo out; exit 3'", 3, "^out$", "command terminated with exit code 3"),
        // runc gives the terminal its size when the process is running already, and a kubelet sends it later still. script(1) ends its input
        // with a NUL that may be echoed, and adds a CR where it prints before kubectl has made its terminal raw.
        new("exec with a terminal", "script -qec \"stty rows 31 cols 91; $K exec -it deploy/web -- sh -c 'tty; sleep 0.5; stty size; exit 4'\" /dev/null", 4, @"/dev/pts/\d+\r*$", @"^(\^@)?31 91\r*$", "command terminated with exit code 4"),
        new("exec, a program that is not there", "$K exec deploy/web -- no-such-program", 1, "no-such-program"),
        new("run with input, attached", "echo through the pipe | $K run piped -i --rm --image=curlimages/curl --restart=Never --annotations=sidecar.istio.io/inject=false --command -- cat", 0, "^through the pipe$", "pod \"piped\" deleted"),
        new("attach", "$K run talker --image=curlimages/curl --restart=Never --annotations=sidecar.istio.io/inject=false --command -- sh -c 'i=0; while [ $i -lt 40 ]; do echo turn $((i=i+1)); sleep 0.1; done' && $K wait --for=condition=Ready pod/talker --timeout=30s && timeout 3 $K attach talker | grep -c turn", 0, "^pod/talker created$", "^[1-9]"),
        new("logs, followed to the end", "$K logs -f talker | tail -1", 0, "^turn 40$"),
        new("logs, since", "sleep 1.1; $K logs talker --since=1s; $K logs talker --since=1h --tail=1", 0, @"\Aturn 40\n\z"),
        new("logs, by label", "$K logs -l run=talker | wc -l", 0, "^10$"),
        new("logs of the life before", "$K run flaky --image=curlimages/curl --annotations=sidecar.istio.io/inject=false --command -- sh -c 'echo a life; sleep 1; exit 1' && for i in $(seq 200); do [ \"$($K get pod flaky -o jsonpath={.status.containerStatuses[0].restartCount})\" -ge 1 ] && break; sleep 0.1; done; $K logs flaky --previous; $K get pod flaky", 0, "^a life$", "^flaky +[01]/1 +(Running|Error|CrashLoopBackOff) +[1-9]"),
        new("run to the end", "$K run once --image=curlimages/curl --restart=Never --annotations=sidecar.istio.io/inject=false --command -- sh -c 'echo done; exit 0' && for i in $(seq 100); do [ \"$($K get pod once -o jsonpath={.status.phase})\" = Succeeded ] && break; sleep 0.1; done; $K get pod once; $K logs once", 0, "^pod/once created$", "^once +0/1 +Completed +0 ", "^done$"),
        new("an image that is not there", "$K run lost --image=example.org/none --restart=Never --annotations=sidecar.istio.io/inject=false && for i in $(seq 50); do $K get pod lost | grep -q Err && break; sleep 0.2; done; $K get pod lost; $K describe pod lost", 0, "^lost +0/1 +(ErrImagePull|ImagePullBackOff) ", "fairlead image import"),
    ];

    private static IEnumerable<KubectlRow> Refused =>
    [
        new("an unknown field", "sed 's/  hosts:/  host:/' $F/entry.yaml | $K apply -f -", 1, "spec.host|unknown field \"host\""),
        new("a missing field", "sed '/hosts:/d' $F/entry.yaml | $K apply -f -", 1, "hosts"),
        new("a wrong type", "sed 's/number: 80/number: eighty/' $F/entry.yaml | $K apply -f -", 1, "number"),
        new("an invalid name", "sed 's/name: settings/name: Not_Valid/' $F/map.yaml | $K apply -f -", 1, @"The ConfigMap ""Not_Valid"" is invalid: metadata.name: Invalid value: ""Not_Valid"": a lowercase RFC 1123 subdomain must consist of"),
        new("an immutable field", "$K patch deploy web --type=merge -p '{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"other\"}}}}'", 1, @"^The Deployment ""web"" is invalid: ", "field is immutable|does not match"),
        new("an unknown namespace", "$K apply -n nowhere -f $F/map.yaml", 1, @"namespaces ""nowhere"" not found$"),
        new("an unknown version", "sed 's/v1alpha3/v9/' $F/entry.yaml | $K apply -f -", 1, @"no matches for kind ""ServiceEntry"" in version ""networking.istio.io/v9"""),
        new("a kind that is not served", "$K create -f - <<< '{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"metadata\":{\"name\":\"j\"}}'", 1, @"no matches for kind ""Job"" in version ""batch/v1"""),
        new("fields that are not acted on", "$K apply --dry-run=server -f $F/odd.yaml", 0, "^Warning: spec.affinity is not acted on: ", "^Warning: spec.schedulerName is not acted on: ", @"^Warning: spec.containers\[odd\].securityContext.seccompProfile is not acted on: ", @"^Warning: spec.containers\[odd\].resources.limits.example.com/gpu is not acted on: ") { Since = 19 },
        new("a kind of one's own", "$K apply --dry-run=server -f $F/thing.yaml", 0, "^Warning: things.example.com is stored and not acted on: ") { Since = 19 },
        new("a tainted node", "$K taint node --all a=b:NoSchedule && $K run off --image=curlimages/curl --restart=Never --annotations=sidecar.istio.io/inject=false --command -- true && for i in $(seq 50); do $K get events | grep -q taint && break; sleep 0.1; done; $K get pod off; $K get events | grep taint; $K taint node --all a- ; for i in $(seq 100); do $K get pod off | grep -q Completed && break; sleep 0.1; done; $K get pod off && $K delete pod off", 0, "tainted$", "^off +0/1 +Pending ", @"0/1 nodes are available: 1 node\(s\) had untolerated taint \{a: b\}", "untainted$", "^off +0/1 +Completed "),
        new("a selector that is none", "$K get pods -l 'a b'", 1, "(?i)unable to parse|found 'b'|invalid"),
        new("a field selector that is none", "$K get pods --field-selector=spec.nonsense=1", 1, "field label not supported: spec.nonsense|not a known field selector: "),
    ];

    private static IEnumerable<KubectlRow> Asking =>
    [
        new("auth can-i", "$K auth can-i create pods", 0, "^yes$"),
        new("auth whoami", "$K auth whoami", 0, "^Username ") { Since = 28 },
        new("events", "$K events", 0, "^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$") { Since = 26 },
        new("top", "$K top pods", 1, "Metrics API not available"),
        new("create token", "$K create serviceaccount robot && $K create token robot", 0, "^serviceaccount/robot created$", @"^ey\S+\.\S+\.\S+$") { Since = 24 },
    ];

    private static IEnumerable<KubectlRow> Deleting =>
    [
        new("delete, by file", "$K delete -f $F/map.yaml && $K delete -f $F/map.yaml", 1, @"^configmap ""settings"" deleted", @"^Error from server \(NotFound\): error when deleting .*: configmaps ""settings"" not found$"),
        new("delete, ignoring what is gone", "$K delete cm settings --ignore-not-found", 0, @"\A\z"),
        new("delete, by the long name", "$K delete serviceentries.networking.istio.io ext", 0, @"^serviceentry\.networking\.istio\.io ""ext"" deleted"),
        new("delete a pod at once", "$K delete pod once --force --grace-period=0", 0, @"Immediate deletion does not wait", @"^pod ""once"" force deleted"),
        new("delete, by label", "$K label cm made owned x=y && $K delete cm -l x=y", 0, @"^configmap ""made"" deleted", @"^configmap ""owned"" deleted"),
        new("wait for what is not there", "$K wait --for=delete pod/nobody --timeout=5s", 0, @"\A(pod.* condition met\n)?\z") { Since = 23 },
        new("wait until it is deleted", "$K delete pod talker flaky --wait=false && $K wait --for=delete pod/talker pod/flaky --timeout=30s && $K get pod talker", 1, @"^pod ""talker"" deleted", @"^Error from server \(NotFound\): pods ""talker"" not found$") { Since = 23 },
        new("apply, pruning", "$K create configmap kept --from-literal=k=v && $K label cm kept set=one && $K apply --prune -l set=two --prune-allowlist=core/v1/ConfigMap -f - <<< '{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"p1\",\"labels\":{\"set\":\"two\"}}},{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"p2\",\"labels\":{\"set\":\"two\"}}}]}' && $K apply --prune -l set=two --prune-allowlist=core/v1/ConfigMap -f - <<< '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"p1\",\"labels\":{\"set\":\"two\"}}}' && $K get cm p1 p2 kept", 1, "^configmap/p1 created$", "^configmap/p2 created$", "^configmap/p1 (unchanged|configured)$", "^configmap/p2 pruned$", "^p1 +", "^kept +", @"""p2"" not found") { Since = 26 },
        new("delete, in the foreground", "$K create deployment front --image=curlimages/curl --replicas=1 && for i in $(seq 50); do [ -n \"$($K get pods -l app=front -o name)\" ] && break; sleep 0.2; done; $K delete deploy front --cascade=foreground --timeout=60s && $K get rs,pods -l app=front", 0, @"^deployment.apps ""front"" deleted", "^No resources found") { Since = 20 },
        new("delete a deployment, and its pods go", "$K delete deploy web && for i in $(seq 50); do [ -z \"$($K get pods -l app=web -o name)\" ] && break; sleep 0.2; done; $K get rs,pods -l app=web", 0, @"^deployment.apps ""web"" deleted", "^No resources found"),
        new("delete, orphaning", "$K scale deploy idle --replicas=1 && for i in $(seq 50); do [ -n \"$($K get pods -l app=idle -o name)\" ] && break; sleep 0.2; done; $K delete deploy idle --cascade=orphan && $K get rs -l app=idle -o name", 0, @"^deployment.apps ""idle"" deleted", "^replicaset.apps/idle-") { Since = 20 },
    ];
}
