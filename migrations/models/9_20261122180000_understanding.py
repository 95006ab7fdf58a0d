"""Spellings that no vocabulary has, and what NHTSA's service said of VINs."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

RULES = ""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "unknown_spellings" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "field" TEXT NOT NULL,
    "spelling" TEXT NOT NULL,
    "seen" BIGINT NOT NULL DEFAULT 0,
    "last_seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "uid_unknown_spe_source_dde228" UNIQUE ("source", "field", "spelling")
);
COMMENT ON COLUMN "unknown_spellings"."field" IS 'of an offer: color, make, drivetrain, …';
COMMENT ON COLUMN "unknown_spellings"."seen" IS 'how often it was read';
COMMENT ON TABLE "unknown_spellings" IS 'A spelling of a field that was not understood: what its vocabulary may grow by.';
        CREATE TABLE IF NOT EXISTS "vin_answers" (
    "vin" VARCHAR(17) NOT NULL PRIMARY KEY,
    "answer" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS "idx_vin_answers_asked_a_fe085d" ON "vin_answers" ("asked_at");
COMMENT ON TABLE "vin_answers" IS 'What NHTSA''s service said of a VIN, by its own keys; empty where it said nothing.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "unknown_spellings";
        DROP TABLE IF EXISTS "vin_answers";"""


MODELS_STATE = (
    "eJztXWtz27bS/isYfXEy49Nx3Fz6Op/sxG3d49gZ22nPOWlGgURIYk0RKgFaVZv89xcL8C"
        "6QIWRJhGx8SSwSy8uz4GKx1396U+qRgH33luCARL0j9E8vxFMi/qic2Uc9PJvlx+EAx4NA"
        "DvXkGHkMDxiP8JCLwyMcMLIPZ9kw8mfcpyEM/m1CESNBwPYRDj00n5CIfAekHh0KWj8cN4"
        "6KQ//PmPQ5HRM+kY/88WOP0TgaEjhN/uIkCnHQ973ep0/igB965C/CYBz8nN32Rz4JvNKr"
        "irHilDze54uZPHbij89C/qMcCw836A9pEE/DfPxswSc0zAj8kMPRMQlJhDmBO/AoBgDCOA"
        "gSqFJM1FvkQ9RTFmg8MsJxADACtXqA/Fiv37+4vOlfn970+70liFOKAp7JoSENgT3iUZkE"
        "YAyP8K//Ozz8/vtXhwffv/zhxfNXr178cPCDGCufd/nUq6/qYXK01KUkZmc/nV3cwANRMQ"
        "fU3IADXyUN5lhRSWbk6OfMK3PgRvBSj39OUeGBeLkqD1LEm5iQHsi5kM/dLbChAdGb0/9I"
        "PKeM/RnAgYtfj6/e/Hx89eTd8X+eyjOL5Mz55cVP6fAc/os355cnkgE54MVvxAD1CpmDfg"
        "Xo5f8GmKfjHdgrgD0TkBmhnRGsBHciuR8r2uLehHAjMZ5ROLzN8R76fGGCdjreYb3K3BbQ"
        "mE3thMChbY723/7MBOtkuEPaHOkAawT2jwHFNVAn4ytQj4DgQYH99vLDyfkpen91+ubs+u"
        "zyogSvOgmHxAGfSwiuTo/Pq9iKWxthq8Y7bFtgG0eBiYRIhjsJ0U5CgJ1kdFvYq8OBAR7e"
        "znHk9UtnCtPdZ1w8ONNYUhLKH/99RYQAgRdeZkZibTpXV9lZvuRHk0csTVs6GiVmstURuo"
        "RrPCB8YG7RQ1o325ZPTQ+n1SM4xGP5SnBvuFNlNmnMmoWJVm/XLM7pNoZNzNGM0FlAECM4"
        "Gk6OkNhPoiGO9hFmyOcMDQjjSE4DNJGHdJbPVS+jMY22tYDeEs1e4s0ER3qBmgxfj1WiWx"
        "PoFP/VD0g45hPx8/DFiwYBm4pTMeppRXImpw7VuWZ7550fmixeyXC3eJmrt9zngdG2LSNw"
        "aJujvRDCahns6ykOglpPSkrzbV+K/Xgn3pTvD1+9zPwn8KPJY3L97vj8PHWRFBYpfGs0b9"
        "PxbtqaT1u57huBnRI4tFcQyZE/NZLIyXiHtTnWA+otFGIGgJeIHOrmqHuRf0fk/U1gL1M5"
        "3M1xH8UkMJ7tJSKH+iryHIds6jOWGC3ay/UyncN+BQ8gDT2fGwJfInKor4J6QDX7nCbEEw"
        "KL0e7xCREXmvrBAtERgl8y3MenEYLnj6OqncoOZqQP2TfmyjKlzezBTPJEBb6heeRzAmY/"
        "O5ki7rsiU5YpLWaKtRKKhGPfLPApp3B4r2BB8AOCxxrAa81eBQqLLV/yMVk7GZMYvw6fPX"
        "/1/IfvXz7PLGDZkSYz2LIFbBb5upjgWkSz8TbjOZ/QgCCPivtG7LW8AvIZ2sPsdq8bmKcs"
        "0sTa1M/bZLjFIJuaa9cG5YhgHkdE4949jiK8qNl/FogqoILzsQWq6wvyvf4zeKt+Pfm9t/"
        "fP172jIy5WjI+ffu893Zw0/vhpOWqXUzMUcxKHobJBFW5joAZUyJwusEqkKB3e9sN4OiBG"
        "mm+VzmFvjr2LCnMRuquqZnQeolmAh+JCMtcQttviX6GdhRR5WQ6kfaxwIbwuhHcXscVD7t"
        "9pdngnVOyRcKgHOCeqYDwQVNtU9PQhgOvA9uTy8rwkJE7OqlLgw7uT06snz56WMV7ekWw9"
        "sXZ3ZvBGRHFdeG/tdjonWGlDvbbZfLC8HgbiO4Ow0y7NP30voibWiTKRxTaKXmICghBehL"
        "k07QeYcTSc4HBMwAOT2bM6MGT4EeN9RkjY1+kWbwV63J+SGoNGlbjCBi+h/i79Y6vb8ws6"
        "f7KpffjZu9Prm+N370ti5e3xzSmcOSwvkcnRJy8rccTZRdBvZzc/I/iJ/nd5IVfTGWV8HM"
        "k75uNu/teDZ8Ixp/2QzvvYK6KRHk4Plf2Ycq55K/C4TOkYbCmD1a5FW+ShqbhJicxiIWpq"
        "6N1KlZOKMmAMfpHKYW+C/VLSWoUVmo0cjYg/Dv9NlFX5TDw4DrXa78NMvRKHIzzPkoFKc0"
        "+8vHhlonYW4gHQxYfz855GvKwB1rzC1MPEtSRQS8BeCRl/dfZGTN/6DMtN5sepCa3Jjstm"
        "en1uXL53aZkZBzlsSfwKwwuG8IDGPM1se404jYcT4oE6TO5ItEB3PqtNj1v9Wq582C4K93"
        "3k0unMlFWXTrfraLt0OildXDrdbk1bl07n0ukeJtYuna4L1F06nUunezyou3Q6l0732FB3"
        "6XTWMMOl01nIFJdO59LpHhPeLp3OpdO5dDpLQDY117p0OstSwVw63f0xdOl0Lp3u8WHv0u"
        "lcOp1Lp4ODLp3OpdNZjq1rorhlQeGaKHYno1Vbhr62aUE99BUyB/0q3hqIOfb8MWGaZbLB"
        "Z1Mms1pzUe4aeGJEIxTROfI5mmOGIoI9NIro1E7NxSMc+8EK6VwlwjVkc23N+kdC2QxFPT"
        "+a4THJ+HR/Fu1attdu59NnYesWp9PPIireempoSysQOWuaUuBdfvFjEEiQ0L4ql6u0jsmW"
        "MtklkT9wBkdxaJzEnNNY7NiUIVriSYW2jzliWKr5IHfaqY7dJJW7lH6L0spdAnQ6zzaaAO"
        "1azHbZQvU9BAK9kWt1T5MoXjy936KVal/VaJqIXzSSZrhvZ48fq2JISlBjlFwJcUpvEQ33"
        "EQ49cDKFr2UgJychGizEOAHmeEyi5QzyNVzv251WP1bNjWlCucsgty6D3NmTOzNaPsS4xM"
        "5C5sw3YW7zZd3ma0nh7KY0zElE8K2+OEx6qnG9H6hBJgVibgmZMbHQJlkZ4GlBAwJLM2a3"
        "xFPrtS9GzPECXDMeJRBOAs6ZkKOYoScYDf1oGIuNXHL7pzX1YzZyq9/D38PLmVAX4pD7Af"
        "os//u8jyY4GP2Lwgk84iSSFz+STqZQrC1oKHTlAA0DymQOCtwOBsu/R+JHQMP2akethlEX"
        "H1Df433d8QEWtXl/+bxBSqSr2svntU3e4VSzSjHCfqCPXq5d2ook1pWDlZNUTEkxh6VLVH"
        "4gMoXK55Dp5gekpc9t3YsefCtEoz7Xl9jLCKxDGRbbHOTX6ABkkJQMHYErRZipUpER7Ywv"
        "+dEoFyXLLsHMLJ49p7A4gMOqrY4lytwvdKBT5OBwoxL3Bx20VOCO0cwnQ1m5ek6jW6FGJQ"
        "vF3OcTMLKIqUNeo/mEQkE+NKHisVXZazih9Ctdtb81XvceypMzz3RpnrkVL28iptLxziCz"
        "gkHG0Aa2A7avntBUp2LtlOVBhUQDWYIRTBJp6RVvIHZ1EEcG0X5x2DJBd9t8wZHO7/HL9e"
        "VFjWUnGV/VwfwhR1/Q1kOP/vm6mW8AAGjGugprRZOCCywnnQlITL6CjKDj70CQx8lWofwJ"
        "qBNfxPQOBdBfPPEpfDHZtHVgFqaRzzWiqMkynJFYt7Gb+GOhcqAxqCMygq2b7RwEZpgbiX"
        "MqZyi2dC+HOSfTGTcxNxVJbPteOvOggJVwBSyrZN3i+cIePOUurE/noVn2doXMWRtWyJGS"
        "EK5kv6uQOiuezZJ/FlG4nNHeoEhzr/3B7vB1I/sEcQqe3wD5nMLhvjruJIoMixOmBG4lWS"
        "HlMyKAzSoh/iVKt3mwdAlhHEerMbhM6RQFm7k88kOfTVZic4XU8dk2Phu4GYvai8Ce6fa5"
        "JtH0v9DBlbqQPRZ/uyPqC4jpfbIFPBtds/0iB9u4aJPxKnhnGou/IKRtAG7SkCA+96Fc02"
        "Ah/afgFlFRcJwhRgR/IjScUEZ0Ptr1XfgeTlqt56o+vG2tniuLYtsODw5aBLeJUbXRbfJc"
        "s0sWZp+pUzyn6dY8tnO+8YYUtD9UBMc988+SOJAdY0Db7LN83pVSz94cX785fnvaVevN97"
        "gmoQp/K5MK6py0j8qBoigqaCYO0Yhw2RfT5/toSKczMAIRL814wpUyN3UBOWu4ZJv8qTyL"
        "GFKn9lGxTadLprI2WscVomvYTGzCPtNBhr5tkHeTjL/F+ri2Ab7tOd5hscXtlp2TXbXzVg"
        "YqO3mPyUW3uhbbwRoolGfiAknH74ADpDdPs1zgsRDDvoeKfLo3QzbiHUk0slXsfCVKZ6+3"
        "yMJXDU+MNWa75tbQOdVDWvLX0R2acKypS92wqiTjLV5OrF3IZWE3san1xR2NlvIlQoe+Of"
        "oTzCa6jUKIo5rylSlFtTzogisbhB1SI9WeoNkyGpARjUhmjEi8F/crIposvRkzBC9Ozi6O"
        "r/6r58aJZqk++e/N6bGmo7QZP1IKy/nxd+APrEWd+X+blBxJh9u8bKoJkFQ0EpMfqit1lT"
        "MMxj6zcM+cwubNsSwYOMMRS0o4KKsm2D39UEqfOxKBtIG6DZN1VKDeSD8lrNtB1+/W0vGW"
        "pBG12q6JfxI2raUS+No2aZYkA1/FYU/jeIDD+01+hzQ37ttuh8uQJFVNxLoMHmBl4d2XpU"
        "3ET386oxFXeXgjPxAnZDYvOIRVxy627HdY0zXbOB6cm8EaY6tzM1izcnTg8rdst9aNl2Fn"
        "k1GTZFPNOq1JQ/0yCOjwVvzPYjbzhz6N2RcqFKoohpNDiF+wNlnVovhZZ3DdhMHVhc4+Dj"
        "4zwnmw2odcotwZLqseShilQjeU0TrJy9xf2O4q/wdao1y9mlOms1jV6Q0WaD7xhxMI3cq9"
        "zLK89UxskdqaSrvRhLLAt5aGu2y8S2/PyvnVu15qYSwT2Yal4rKy+syhxTCW9b8W6ofyBX"
        "RjB/W5tldYvX2A69uEdQ5xZ9M1Nd+1BDAdbht+irNQo44RJBtjm3cqXDe0IZkbIJuMtg3Y"
        "ziZm0rvKAMEChUMxW43McSzROCQL1aaNYMwJHIYJhmMamniF0+EOvzSWIQ1BaL9vykh2Hc"
        "Rtm4SJeAxPA/aPAcW1e9SMpoL2CIh2BO8G6N5efjg5P0Xvr07fnF2fJS7bzLwgT8KhvMHv"
        "1enxeesOv43FdOoa/Lpim/stwpX9QLt21SOeU1iMd29C52iKw0UaMa42Afk+VUaPTPAdQQ"
        "QPJ2iUvap1HPIif2RU5SgjsIQ/Hz9p+KOcyoohIxyhERFsSbgk2SLOhGloD8Q+GBkTXEkk"
        "W5wQD6yU/7WKYtAE8Fxn8Q31MTwqBqJ19rBs7kLh25ApvQx9Ti7w3WIafEYML5gMgEs7Jk"
        "Lom8+QF2urRNzzavcoDSH/X/o46mtDpOMfXHGIzTc+uiMR94fYKDOySONic1aNQOgb5qOW"
        "iBzsq1Qpl1GmJpjnFA7wVdKAhaQwqQmfjbfZJ5vszIV6yedErHp8TlWka8tOFOs25DDIAY"
        "0Ds5izAo3FCqWKd+AJvlIHGUY0zFUPoe5/uHlzbxV/M3UetHGADSaflGBFe8+WWJIWMYMw"
        "FPkl5HEJEMFNY9Wje+q37JmwcRMRGRKPhIZdi4tE3Vo7nx1oPJQBhc3v3A9zMSTYggOV59"
        "6RICIhvLsu5JjSgOCwRubnVNUkOUG2TaQzNX/da+vJ5eV5SbycnFXlx4d3J6dXT549Lc9n"
        "TUxN5N9p5UojxgWqjjGu2bpOMeSBIsiGCxH2PEgEFcKd+Z7YgcYRCsUkp9HtvSXKGjkBvY"
        "D7qzVoqZC6OGKL4gstMRudYD6c9DRWI3Viv7GVNwxpazR6S4fxlITQTk2aTn2xrIiPUehc"
        "YEcl4dgPyWtIzhYLuph+aba2MvUA4GAbUlX6EisQZAksm5M2eJ82OWLJ95Mkl6uUC5cqZm"
        "eqGJnRobbsQT0DMhKrk74Tz9I88tO28miKPZjkRgrblr3XdFb4ctpuMEtENttOevGMkYh/"
        "SQqN3nuN28RO0ktl5zIHjqMI15SeKFFVWGBXIvi67FcfPz2UXDzoea8TIOLwl7F/R8J+PL"
        "Nzrrqwoq0JZjwSy0ifY3ZrhneZzuoVE8oBwIPuMRT7HqiCY9mjJlLefj7xzWwdW+YQPHo/"
        "NtUmi1Q2G8KB5EhqNDhk0h6FGQqoYbPULbPEdUd6gJv2UlxwttMzLn+wRGqzbLRwcVqyne"
        "i4onGJmPY/+Kl0sR1jx9d01n2jDcLSZDTthlAwGpPQSyo7VD4Gg8ZB7/OLWLH83BvwjTYN"
        "ekuwd044l+aoJSNe4ex+kyXPE+P6gRzYOgYs3fYp+0JuXEMRGcWMsKTQUn5C6FZzGnmaGk"
        "73vZjGMFe1xKU3UMa4NrFhzjbXpW0u49cSD+o31UUam01B9obRbDdY+LHDbb412J0tQS8N"
        "1FXpzCDEPTTyo7abtoe0U8BiXZ3OdFbVetNJgaTjsJBl1kIGCx3xJf7uIxwk2Y/bDwoRd1"
        "tpt12k29kPC4qgP77vyu3A3Q7cZnZsbQe+yQ1mgQOaDWaZP/UbzPwVDUoFS7YlPWEZJAiB"
        "yFNJnmgkfmKUJoi8Tprx3BFZ81eZiaFgGY4gQkVfNXi9l79HFpLbaXa503SJSR1sfeRr6j"
        "1W9aiXiGzOJgBpAW8qq4wLpDlYtiaYpVnDiW1L6DWvIbp9jmeI/KXq1zBI89hHyuU1bq1N"
        "d5BYtpsBDwHFqXV5KdRdnvniAarwB/BlBn+A4P9CA0+corMZ8dLSxHZXH1aTrN/kh2ww7O"
        "iIbf/k5CX3IHVHPvUxP4J90pTeEZabj9PPEULA5adnJ/fufDLve74QCEZ8q5DZvDb1pt6L"
        "tAYGPLZgnCAVn17BZG8ZU6Ceq3getgJjNKQ2M8daxUG2ezMPRSqRdbvX/5fGohbnDUQD8Q"
        "iMy2CkbG9yG0J1SE4hdQVUCvHLyMi25dAXWEnFohGH3DfSqqt0tq83MKlyz6VgIU/72qs3"
        "sVOINQT5Nn1BTVG+nQdQ5k+XO5CBB1LpNi6muu3gPcp1u8/GyL2UxOawvZwnybZHWoNQwh"
        "5ZZcJmtri+Nt3g7ipWbXM1cGGqD9xJBsaLFbhbINuZriWPkr+3ZMbrVO1mFpcpd4bLuakn"
        "zd0tOWegMJwy08HxNRgSdm1CROQPMuTG5TGKZHbWbkhb0aDU7grWPXDbwe4LnJ1oFNGpOC"
        "iuCjMh8G/TvG6Z/RqHYk+9hl3ZGms7uAZiD/ebNCjwUMhqzEsqrB5Bn5Vu2E1b4nIAfcl8"
        "UQlVXx2mcnD8Q8Rqy/kYO4PRJuNlLmM+oH/1NLEyyZn9pjgZmo/5ZojMNZ0SPhEAoKT1ib"
        "J94dwkySZ0zl7LOhAQrTlYiNf3x2Px5VRKnAwDLNYIbzlOZkP3uEewDCN/mtlkEgIXLrOe"
        "cJlb8fIm1pl0vM3erh6oi6krMgnt2WMIHp0dybL0gi8wnXFAon30e3x4cPjSTuv+LdHUQW"
        "3gDtGVQbWKOdaazh5E+sb1n8Fb9evJ3hBabffhERjH09mTp3uP2YhmSYG2VP3SKBQFzaxe"
        "oyjogOZZnRjlgbviFGFiZ62WfLQgPGmpCYsgn6j4Nv7t5M4Vr+lyPB+cKuFyPLuIYfK1JY"
        "q/0cbc12dpdLt2tSnpLUQJDTyIqIlDBjJI7WNklAZYBR+ffZjTGIqymwm+ApF16YhDGqvA"
        "D5Iwl0FU9TgWS2877nbVrE8n+Zp3slq5Z1NsQe9zMlM+F50z0qqpGpvBz6IMt5U7gzjQhR"
        "g2eVBSEju9J8kWFxpfqPZzUhmDo4lETBh3hCjoVwyN6ZrytdfoL2Exm5Gh5rOp/2ZyCps/"
        "mySf1w+F5MpDP1WewRGSC5eMYIdKrmI9QIwmPQQlr4w+pPU1doWv2jhEqkhlMUesVKVd6r"
        "MFbHCpz9tPfV4SO2vAt62X1DJ50xbZopwtgSoeAF18OD/vKqH8N1mVvKexZyVn9pvMWaqm"
        "ecsk8t8mVBVBZ4Vk7j2GEtOQ6igpkzXj6YBEoB/NYd0FTRVUIOgWIlu+DjGoRsu2rU3c4B"
        "6+sfpU5vqWlutPZX5UbS13t4fAzpWhpvPQrKliRuACw83thBOCIz4gmK8Qm1aldcFpNhsE"
        "xQrAtCprkxArENkmxnrjiM4Zyuy/MjRYBQwnQSy2GZ4scTV+CGWi6fWMBEGNy7E6pFFXi9"
        "XgPktGt28vnhCAvoSRfPo8txK8hXEI6hOn1DtSChVkxd7RIR7EAZYGrgWCWYAGC23D8XVf"
        "X+ucZFnf9VH6CaU3dh5Kez6+Ju2uwsI2ef4ZhfNOrqB1ZF9KW7wzApvhhoZcOFQ9U4+QeH"
        "ga7QsZciuu60VidZKA2x1XxgoSv/W3UKCxmT3Wfg2MEEO1LKWwTifT1Iy1OytfVgwBOFdJ"
        "nqzQWhU18diTYy1Rtn/1w2NZR1KnZucnGxXsO1/MMFWMsq1BVOiyFz/fXB/vQfnK6M4fEs"
        "Swqj6D0a9nF/sQwZ/UmEG3ZMFeIyhEvYDtlGqTKocLJRmyAnQW0Q3c4T4mUV8jQRusof4a"
        "G0laZAh91iQQ05Xq2ataQyicalaVcTZfy1j/cn15URMNnVFU5aM/5OgLeni9IwGLZiWhqg"
        "9UZB5cYCkMHZJaV1ikinTbWaDaTX+3PlmxPh2TyNd3Bk/ONK5MOB/zrUWpnrFrLqn8WGwm"
        "9wzwaayUrDcUN3oXa8zEu7kDLK+qhy9etFhWxajadVWeq8jz2cwE4WT4A0T32cFBG6Xl4K"
        "Bea4FzlXpHqvyriZ5SIHGKiqGi0uli9vX/AX8ohLg="
)
