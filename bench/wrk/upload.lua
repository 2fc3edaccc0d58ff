-- POST of BODY_BYTES (environment) to the given path; the report is report.lua's.
wrk.method = "POST"
wrk.body = string.rep("u", tonumber(os.getenv("BODY_BYTES")))
dofile(os.getenv("REPORT_LUA"))
